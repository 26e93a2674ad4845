/** Opens a worktree that the person has in their editor: a command of their own configuration, and no other. */
import { spawn } from 'node:child_process'
import type { Story } from '@sluice/proto/story.ts'
import { refuse } from '../refused.ts'

const BEGUN_MS = 500

/** Resolves once it has begun; what it does then is the person's. */
export async function openEditor(
  story: Story | null,
  editor: readonly string[] | undefined,
): Promise<{ path: string }> {
  const path = story?.hold?.lent?.path
  if (!path) return refuse(409, 'You do not have the worktree of this story.', 'Take it over first.')
  const [file, ...args] = editor ?? []
  if (!file)
    return refuse(
      409,
      'Your configuration names no editor.',
      `Set \`editor: [code]\` in your config.yaml and start Sluice again, or open ${path} yourself.`,
    )
  // Of a session of its own: it stays when Sluice is stopped.
  const child = spawn(file, [...args, path], { detached: true, stdio: 'ignore', cwd: path })
  const began = Promise.withResolvers<void>()
  child.once('error', () => began.reject(new Error('not begun')))
  child.once('exit', (code) => (code === 0 ? began.resolve() : began.reject(new Error('ended'))))
  const timer = setTimeout(began.resolve, BEGUN_MS)
  await began.promise
    .catch(() => refuse(409, `Your editor ${file} did not open.`, 'Mend `editor` in your config.yaml.'))
    .finally(() => clearTimeout(timer))
  child.unref()
  return { path }
}

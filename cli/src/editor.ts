/** The person's editor: what they name, in the order in which it is meant for this. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Refusal } from '@sluice/kit/errors.ts'
import type { Env } from './child-env.ts'

/** A program and its arguments; the path comes last. */
export function editorOf(env: Env, configured?: readonly string[]): string[] {
  const named = env.SLUICE_EDITOR || configured || env.VISUAL || env.EDITOR || 'code'
  return typeof named === 'string' ? named.split(/\s+/).filter(Boolean) : [...named]
}

/** Resolves when it has ended: one that opens a window ends at once. */
export async function openInEditor(path: string, [file = 'code', ...args]: string[]): Promise<void> {
  const child = spawn(file, [...args, path], { stdio: 'inherit', cwd: path })
  const [code] = await once(child, 'exit').catch((cause: unknown) => {
    throw new Refusal(`There is no editor ${file}.`, 'Set SLUICE_EDITOR, or `editor` in your config.yaml.', { cause })
  })
  if (code !== 0) throw new Refusal(`Your editor ${file} ended with ${code}.`, `Open ${path} yourself.`)
}

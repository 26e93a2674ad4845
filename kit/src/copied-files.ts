/** Files of the person's own checkout that their worktrees get too: only what they list themselves, and only what git ignores. */
import { glob, lstat, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { gitRecords, nulEnded } from './git.ts'
import type { Repository } from './repository.ts'
import { openBeneath } from './tools/beneath.ts'

/** Larger ones are data, not configuration. */
const MOST_BYTES = 10_000_000

export type Copied = { copied: string[]; left: { path: string; why: string }[] }

/**
 * Copies what `granted` names from the person's checkout into a fresh one at `dir`, whose index is `index`. Where git does not ignore a
 * file it would become part of the story, so it is left and said; so is what stands there already.
 */
export async function copyGranted(
  repository: Pick<Repository, 'root' | 'view'>,
  { dir, index }: { dir: string; index: string },
  granted: readonly string[],
): Promise<Copied> {
  const found = await filesNamed(repository.root, granted)
  const left: Copied['left'] = []
  const ignored = await ignoredAt(repository, { dir, index }, found)
  const beneath = await openBeneath(dir)
  const copied: string[] = []
  for (const path of found) {
    const why = ignored.has(path)
      ? await unfit(repository.root, path)
      : 'git does not ignore it, so it would be committed'
    if (why !== null) left.push({ path, why })
    else if ((await lstat(join(dir, path)).catch(() => null)) !== null) left.push({ path, why: 'it is there already' })
    else {
      await beneath.write(path, await (await openBeneath(repository.root)).read(path, MOST_BYTES))
      copied.push(path)
    }
  }
  return { copied, left }
}

async function filesNamed(root: string, patterns: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  const exclude = (name: string) => /(^|\/)(\.git|node_modules)$/.test(name)
  for await (const path of glob([...patterns], { cwd: root, exclude }))
    if (!(await lstat(join(root, path))).isDirectory()) found.add(path)
  return [...found].sort()
}

/** As git will see it in the new checkout, with that one's index: what is tracked there is not ignored. */
async function ignoredAt(
  { view }: Pick<Repository, 'view'>,
  { dir, index }: { dir: string; index: string },
  paths: string[],
): Promise<Set<string>> {
  if (paths.length === 0) return new Set()
  const place = { ...view, workTree: dir, env: { ...view.env, GIT_INDEX_FILE: index } }
  // It takes no literal pathspecs; behind `./` no name begins with the sign of a magic one.
  const input = nulEnded(paths.map((path) => `./${path}`))
  const found = await gitRecords(place, ['--no-literal-pathspecs', 'check-ignore', '-z', '--stdin'], { input, ok: [1] })
  return new Set(found.map((path) => path.slice(2)))
}

async function unfit(root: string, path: string): Promise<string | null> {
  const stats = await lstat(join(root, path))
  if (!stats.isFile()) return 'it is no plain file'
  if (stats.size > MOST_BYTES) return `it is larger than ${MOST_BYTES / 1e6} MB`
  const real = relative(await realpath(root), await realpath(join(root, path)))
  return real === path ? null : 'a link leads to it'
}

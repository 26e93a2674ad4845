/** A clean checkout of one exact commit for checks to run in, thrown away afterwards. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { treeOf } from './diff.ts'
import { git } from './git.ts'
import { commitOf, type Repository } from './repository.ts'
import { checkOut } from './worktree.ts'

export type Scratch = AsyncDisposable & { dir: string; commit: string; tree: string }

/**
 * Writes the files of `commit` into `dir`, in place of whatever is there, and removes them when disposed. Its `.git` is a small
 * repository of its own that borrows the objects, so that what checks do to it reaches nobody; git in it works where the objects can
 * be read. No ref keeps the commit: the caller's does.
 */
export async function scratchCheckout(wanted: {
  repository: Repository
  commit: string
  dir: string
}): Promise<Scratch> {
  const { repository } = wanted
  const dir = resolve(wanted.dir)
  const commit = await commitOf(repository, wanted.commit)
  await rm(dir, { recursive: true, force: true })
  await borrow(repository, { gitDir: join(dir, '.git'), commit })
  await checkOut(repository.view, { dir, index: join(dir, '.git', 'index'), commit })

  const tree = await treeOf(repository, commit)
  return { dir, commit, tree, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

async function borrow(
  { commonDir, view }: Repository,
  { gitDir, commit }: { gitDir: string; commit: string },
): Promise<void> {
  await mkdir(join(gitDir, 'objects', 'info'), { recursive: true })
  await mkdir(join(gitDir, 'refs'))
  const format = (await git(view, ['rev-parse', '--show-object-format'])).stdout.toString().trim()
  const version = format === 'sha1' ? '0' : `1\n[extensions]\n\tobjectformat = ${format}`
  await writeFile(join(gitDir, 'config'), `[core]\n\trepositoryformatversion = ${version}\n`)
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${join(commonDir, 'objects')}\n`)
  await writeFile(join(gitDir, 'HEAD'), `${commit}\n`)
}

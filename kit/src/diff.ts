/** What changed between two commits: files, patch, hunks, and an identity of the change that survives a clean rebase. */
import { createHash } from 'node:crypto'
import { parsePatch } from '@sluice/proto/patch.ts'
import { git, gitRecords, gitText } from './git.ts'
import type { Repository } from './repository.ts'

type At = Pick<Repository, 'view'>

export type FileStatus = 'added' | 'deleted' | 'modified' | 'renamed' | 'copied' | 'type-changed'
export type ChangedFile = {
  path: string
  oldPath?: string
  status: FileStatus
  additions: number
  deletions: number
  binary: boolean
}
export type Diff = { files: ChangedFile[]; patch: string }

const STATUS: Record<string, FileStatus> = {
  A: 'added',
  D: 'deleted',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'type-changed',
}

/** No attribute in the tree hides a file (`*.ts -diff`): the view is bare, and git reads none. No driver, textconv or colour of anybody's config. */
const PLAIN = ['-r', '-M', '--no-ext-diff', '--no-textconv', '--no-color', '--full-index', '--ignore-submodules=none']

/** The difference from `base` to `head`. */
export async function diffOf({ view }: At, base: string, head: string): Promise<Diff> {
  const [statuses, counts, patch] = await Promise.all([
    gitRecords(view, ['diff-tree', ...PLAIN, '-z', '--name-status', base, head]),
    gitRecords(view, ['diff-tree', ...PLAIN, '-z', '--numstat', base, head]),
    git(view, ['diff-tree', ...PLAIN, '-p', base, head]),
  ])
  const lines = numstat(counts)
  const files = nameStatus(statuses).map((file) => ({
    ...file,
    ...(lines.get(file.path) ?? { additions: 0, deletions: 0, binary: false }),
  }))
  return { files, patch: patch.stdout.toString() }
}

function nameStatus(records: string[]): Pick<ChangedFile, 'path' | 'oldPath' | 'status'>[] {
  const files: Pick<ChangedFile, 'path' | 'oldPath' | 'status'>[] = []
  const rest = records.values()
  for (const letter of rest) {
    const status = STATUS[letter.charAt(0)] ?? 'modified'
    const first = rest.next().value ?? ''
    const moved = status === 'renamed' || status === 'copied'
    files.push(moved ? { status, oldPath: first, path: rest.next().value ?? '' } : { status, path: first })
  }
  return files
}

function numstat(records: string[]): Map<string, Pick<ChangedFile, 'additions' | 'deletions' | 'binary'>> {
  const counts = new Map<string, Pick<ChangedFile, 'additions' | 'deletions' | 'binary'>>()
  const rest = records.values()
  for (const record of rest) {
    const [, added = '', deleted = '', name = ''] = /^(\S+)\t(\S+)\t([\s\S]*)$/.exec(record) ?? []
    // A rename has no name here; its two names follow.
    const path = name === '' ? [rest.next().value, rest.next().value][1] : name
    counts.set(path ?? '', { additions: Number(added) || 0, deletions: Number(deleted) || 0, binary: added === '-' })
  }
  return counts
}

/**
 * Names the change itself: the same for the same change on another base, as `git patch-id --stable` means it, but every byte counts.
 * git's own leaves out white space (git 2.38 the content of binary files too), so another change could pass for one already signed.
 */
export async function patchId({ view }: At, base: string, head: string): Promise<string> {
  const { stdout } = await git(view, ['diff-tree', ...PLAIN, '-p', '--binary', base, head])
  const hash = createHash('sha256')
  for (const { header, hunks, binary } of parsePatch(stdout.toString('latin1'))) {
    // Blob ids and the likeness of renamed files depend on what else is in the file.
    hash.update(header.filter((line) => !/^(index|similarity|dissimilarity) /.test(line)).join('\n'))
    for (const hunk of hunks) hash.update(`\n@@\n${hunk.lines.map(({ kind, text }) => kind + text).join('\n')}`)
    hash.update(`\n${binary.join('\n')}\n`)
  }
  return hash.digest('hex')
}

/** The tree of a commit. */
export const treeOf = ({ view }: At, commit: string): Promise<string> =>
  gitText(view, ['rev-parse', '--verify', `${commit}^{tree}`])

/** The best common ancestor; null for unrelated histories. */
export async function mergeBase({ view }: At, one: string, other: string): Promise<string | null> {
  const { code, stdout } = await git(view, ['merge-base', one, other], { ok: [1] })
  return code === 0 ? stdout.toString().trim() : null
}

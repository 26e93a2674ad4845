/** Puts a story's change on another base, without a working tree, and always to the same commit. */
import { commitTree, type Trailers } from './changes.ts'
import { mergeBase, patchId, treeOf } from './diff.ts'
import { TerminalError } from './errors.ts'
import { type GitPlace, git, gitRecords, gitText, records } from './git.ts'
import type { Identity, Repository } from './repository.ts'

type Wanted = {
  repository: Pick<Repository, 'view'>
  /** The commit the story began at; without it, where it parted from `onto`. */
  base?: string
  tip: string
  onto: string
  /** One commit per story, the default: what was reviewed as one is found, and taken back, as one. Keep: every commit put on the new base. */
  keepCommits?: boolean
  /** Of the one commit. Without it, the message of `tip`. */
  message?: string
  /** Of the one commit. */
  trailers?: Trailers
}

/** Both sides of a file that could not be merged, with the base between them (diff3); null where one side has no text to show. */
export type Conflict = { path: string; text: string | null }
export type Rebased =
  | { commit: string; tree: string; patchId: string }
  /** `onto` holds all of it already. */
  | { nothing: true }
  | { conflict: Conflicted }

/** `tree`: both sides merged where they could be, and the marks of git where not. */
export type Conflicted = { files: string[]; details: Conflict[]; messages: string; tree: string }

type Picked = { tree: string } | { conflict: Conflicted }

/** Dates and names come from the story's own commits, so that run twice it gives the same commit id: a redelivery finds its own work. */
export async function rebase(wanted: Wanted): Promise<Rebased> {
  const { repository, tip, onto } = wanted
  const base = wanted.base ?? (await mergeBase(repository, tip, onto))
  if (!base) throw new TerminalError(`${tip} and ${onto} have no history in common`)
  const rebased = await (wanted.keepCommits ? each : squash)({ ...wanted, base })
  if ('conflict' in rebased) return rebased
  const tree = await treeOf(repository, rebased.commit)
  if (tree === (await treeOf(repository, onto))) return { nothing: true }
  return { commit: rebased.commit, tree, patchId: await patchId(repository, onto, rebased.commit) }
}

type Based = Wanted & { base: string }
type Result = { commit: string } | Extract<Picked, { conflict: unknown }>

async function squash({ repository: { view }, base, tip, onto, message, trailers = {} }: Based): Promise<Result> {
  const picked = await pick(view, { base, from: tip, onto })
  if ('conflict' in picked) return picked
  const last = await readCommit(view, tip)
  return {
    commit: await commitTree(view, {
      ...last,
      message: message ?? last.message,
      trailers,
      tree: picked.tree,
      parents: [onto],
    }),
  }
}

async function each({ repository: { view }, base, tip, onto }: Based): Promise<Result> {
  let commit = onto
  const commits = (
    await gitText(view, ['rev-list', '--reverse', '--topo-order', '--no-merges', tip, `^${base}`])
  ).split('\n')
  for (const next of commits.filter(Boolean)) {
    const parent = await gitText(view, ['rev-parse', '--verify', `${next}^`])
    if (parent === commit) {
      commit = next
      continue
    }
    const picked = await pick(view, { base: parent, from: next, onto: commit })
    if ('conflict' in picked) return picked
    // What the base has by now is left out, as `git rebase` does.
    if (picked.tree === (await treeOf({ view }, commit))) continue
    commit = await commitTree(view, { ...(await readCommit(view, next)), tree: picked.tree, parents: [commit] })
  }
  return { commit }
}

/**
 * What lies between `base` and `from`, put on `onto`. Git 2.38 and 2.39 cannot be told a merge base, so it is given `onto`'s tree as a
 * child of `base`.
 */
async function pick(
  view: GitPlace,
  { base, from, onto }: { base: string; from: string; onto: string },
): Promise<Picked> {
  const ours = await commitTree(view, {
    tree: `${onto}^{tree}`,
    parents: [base],
    message: 'onto',
    author: NOBODY,
    authored: EPOCH,
    committed: EPOCH,
  })
  const args = ['-c', 'merge.conflictStyle=diff3', 'merge-tree', '--write-tree', '--name-only', '-z', ours, from]
  const { code, stdout } = await git(view, args, { ok: [1] })
  const [tree = '', ...rest] = records(stdout)
  if (code === 0) return { tree }
  const end = rest.indexOf('')
  const files = [...new Set(rest.slice(0, end))]
  const details = await Promise.all(files.map((path) => conflictAt(view, { tree, path, ours, from })))
  return { conflict: { files, details, messages: sentences(rest.slice(end + 1)), tree } }
}

const NOBODY: Identity = { name: 'sluice', email: 'sluice@localhost' }
// `@`: git takes a small number for a year otherwise.
const EPOCH = '@0 +0000'

async function conflictAt(
  view: GitPlace,
  { tree, path, ours, from }: { tree: string; path: string; ours: string; from: string },
): Promise<Conflict> {
  const [entry] = await gitRecords(view, ['ls-tree', '-z', '--full-tree', tree, '--', path])
  const [, type, object] = entry?.split(/[ \t]/) ?? []
  if (type !== 'blob' || !object) return { path, text: null }
  const { stdout } = await git(view, ['cat-file', 'blob', object])
  if (stdout.includes(0)) return { path, text: null }
  const text = stdout
    .toString()
    .replaceAll(`<<<<<<< ${ours}`, '<<<<<<< base branch')
    .replaceAll(`>>>>>>> ${from}`, '>>>>>>> story')
  return { path, text }
}

/** Records of `<number of paths> <paths…> <kind> <sentence>` (git-merge-tree(1), "Informational messages"). */
function sentences(rest: string[]): string {
  const found: string[] = []
  for (let i = 0; i < rest.length; ) {
    const after = i + 1 + Number(rest[i])
    if (rest[after]?.startsWith('CONFLICT')) found.push((rest[after + 1] ?? '').trim())
    i = after + 2
  }
  return found.join('\n')
}

type Read = { author: Identity; committer: Identity; authored: string; committed: string; message: string }

async function readCommit(view: GitPlace, commit: string): Promise<Read> {
  const format = '%an%x00%ae%x00@%ad%x00%cn%x00%ce%x00@%cd%x00%B'
  const text = await gitText(view, ['log', '-1', '--date=raw', `--format=${format}`, commit])
  const [an = '', ae = '', authored = '', cn = '', ce = '', committed = '', message = ''] = text.split('\0')
  return {
    author: { name: an, email: ae },
    committer: { name: cn, email: ce },
    authored,
    committed,
    message: message.trim(),
  }
}

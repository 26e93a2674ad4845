/** Checkpoints: what a story's worktree held after each turn that changed it, as commits under refs of Sluice's own. */
import { join } from 'node:path'
import type { Rewound } from '@sluice/proto/parts.ts'
import { commitTree } from './changes.ts'
import { TerminalError } from './errors.ts'
import { GitError, git, gitText } from './git.ts'
import type { Identity, Repository } from './repository.ts'
import type { Run } from './run.ts'
import { snapshot } from './snapshot.ts'
import { openTreeGit } from './tree-git.ts'
import type { Worktree } from './worktree.ts'

export type Checkpoint = {
  /** Counts through the whole story. */
  n: number
  run: string
  commit: string
  tree: string
  parent: string
  /** Where the story's branch stood. */
  tip: string
  at: string
  title: string
  /** The model's message after which it was made; null for one that a rewind made. */
  turn: number | null
  /** The event whose rewind this is the end of. */
  rewound: string | null
}

export type Checkpoints = {
  /** Null when nothing has changed since the one before. */
  take(what: { title: string; turn?: number }): Promise<Checkpoint | null>
  /** Puts the files back, once for an event; what they are now is a checkpoint first, so that nothing is lost and this too can be taken back. */
  rewind(to: Rewound & { event: string }): Promise<void>
}

type At = { storyId: string; run: Run; author: Identity }

const LONGEST_TITLE = 120

/** Every checkpoint of a story, oldest first: the refs are the record. */
export async function listCheckpoints({ refs }: Pick<Repository, 'refs'>, storyId: string): Promise<Checkpoint[]> {
  const listed = await gitText(refs, ['for-each-ref', `--format=${FORMAT}`, `refs/sluice/${storyId}/`])
  const all = listed.split('\x01').flatMap((record) => {
    const [ref = '', commit = '', tree = '', parent = '', at = '', title = '', said = ''] = record.trim().split('\0')
    const [, run = '', n = ''] = /\/([^/]+)\/(\d+)$/.exec(ref) ?? []
    if (n === '') return []
    const trailers = new Map([...said.matchAll(/^(\w+): (.*)$/gm)].map(([, key = '', value = '']) => [key, value]))
    const turn = trailers.get('Turn')
    const facts = { n: Number(n), run, commit, tree, parent, title, at: new Date(Number(at) * 1_000).toISOString() }
    const told = { tip: trailers.get('Tip') ?? '', rewound: trailers.get('Rewound') ?? null }
    return [{ ...facts, ...told, turn: turn === undefined ? null : Number(turn) }]
  })
  return all.sort((one, other) => one.n - other.n)
}

/** All trailers in one: git 2.39 mixes up the keys of two. */
const FORMAT =
  '%(refname)%00%(objectname)%00%(tree)%00%(parent)%00%(creatordate:unix)%00%(subject)%00%(contents:trailers:only,unfold)%01'

export async function openCheckpoints(worktree: Worktree, at: At): Promise<Checkpoints> {
  const { repository, gitDir } = worktree
  const index = join(gitDir, 'sluice-checkpoints')
  const known = await listCheckpoints(repository, at.storyId)

  type What = { title: string; turn?: number; rewound?: string; passOver?: 'nested' | 'nested and large' }

  async function take({ title, turn, rewound, passOver = 'nested and large' }: What): Promise<Checkpoint | null> {
    const before = known.at(-1)
    const tip = await repository.head(worktree.branch)
    // From the branch again once that has moved: what was committed there is no change of this turn.
    const parent = before?.tip === tip ? before.commit : tip
    await using now = await snapshot(worktree, parent, { passOver, index })
    if (now.changed.length === 0 && !rewound) {
      await now.keepIndex()
      return null
    }
    await at.run.fence()
    const n = (before?.n ?? 0) + 1
    const trailers = {
      ...{ Story: at.storyId, Run: at.run.id, Tip: tip },
      ...(turn === undefined ? {} : { Turn: String(turn) }),
      ...(rewound ? { Rewound: rewound } : {}),
    }
    const message = `${short(title)}\n\n${title}`
    const commit = await commitTree(repository.view, {
      tree: now.tree,
      parents: [parent],
      message,
      trailers,
      author: at.author,
    })
    await create(repository, `refs/sluice/${at.storyId}/${at.run.id}/${n}`, commit)
    await now.keepIndex()
    const made = { n, run: at.run.id, commit, tree: now.tree, parent, tip, at: new Date().toISOString() }
    const checkpoint = { ...made, title: short(title), turn: turn ?? null, rewound: rewound ?? null }
    known.push(checkpoint)
    await at.run.append('note', noteOf(checkpoint, now))
    return checkpoint
  }

  return {
    take,
    async rewind({ n, commit, files, event }) {
      if (known.some(({ rewound }) => rewound === event)) return
      // However large: what the files hold is about to be replaced.
      await take({ title: `Before going back to checkpoint ${n}`, passOver: 'nested' })
      await at.run.fence()
      await putBack(worktree, { index, commit, ...(files && { files }) })
      await take({ title: `Back to checkpoint ${n}${files ? `: ${files.join(', ')}` : ''}`, rewound: event })
    },
  }
}

function noteOf(
  { n, commit, tree, title, turn }: Checkpoint,
  now: { changed: string[]; passedOver: string[]; jail: { kind: string } },
) {
  const left = now.passedOver.length > 0 ? ` Left out: ${now.passedOver.join(', ')}.` : ''
  const unjailed = now.jail.kind === 'none' ? ' Git ran without a jail of its own.' : ''
  const text = `Checkpoint ${n}: ${title}.${left}${unjailed}`
  return { type: 'checkpoint', text, n, commit, tree, turn, files: now.changed.slice(0, MOST_FILES) }
}

/** Of a note, which is for people: git has them all. */
const MOST_FILES = 100

/** One line that git and for-each-ref print as it is. */
function short(title: string): string {
  const line = title.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE - 1)}…` : line
}

/** Never over one that is there: an attempt that slept through a take-over finds its number taken. */
async function create({ refs }: Repository, ref: string, commit: string): Promise<void> {
  await git(refs, ['update-ref', '-m', 'sluice', ref, commit, '0'.repeat(commit.length)])
}

/** The index holds all that is there, so that what the checkpoint has not goes away, and what git ignores stays. */
async function putBack(
  { repository, dir }: Worktree,
  { index, commit, files }: { index: string; commit: string; files?: string[] },
): Promise<void> {
  const args = files
    ? ['restore', `--source=${commit}`, '--staged', '--worktree', '--', ...files]
    : ['read-tree', '--reset', '-u', commit]
  await using git = await openTreeGit({ view: repository.view, workTree: dir, index, writesTree: true })
  try {
    await git.run([{ args }])
  } catch (error) {
    if (!(error instanceof GitError) || !files) throw error
    throw new TerminalError(`${files.join(', ')} cannot be put back: ${error.message}`, { cause: error })
  }
  await git.keepIndex(index)
}

/** The checkpoints of a story as a person looks at them, and the one they want the files put back to. */
import { type Checkpoint, listCheckpoints } from '@sluice/kit/checkpoints.ts'
import { diffOf, mergeBase } from '@sluice/kit/diff.ts'
import { git } from '@sluice/kit/git.ts'
import { openRepository, type Repository } from '@sluice/kit/repository.ts'
import type { Rewound } from '@sluice/proto/parts.ts'
import { type CheckpointView, type FileChange, Rewind } from '@sluice/proto/rest.ts'
import { understood } from '../body.ts'
import { refuse } from '../refused.ts'
import type { Own } from '../settings.ts'

export type RepositoryMeans = { own: Pick<Own, 'project'>; env: Record<string, string | undefined> }

export const openProject = ({ own, env }: RepositoryMeans): Promise<Repository> => openRepository(own.project.root, env)

export async function checkpointViews(repository: Repository, storyId: string): Promise<CheckpointView[]> {
  const all = await listCheckpoints(repository, storyId)
  const changes = await changesOf(
    repository,
    all.map(({ commit }) => commit),
  )
  return all.map(({ n, run, commit, tree, parent, at, title, turn }) => ({
    ...{ n, run, commit, tree, parent, at, title, turn },
    files: changes.get(commit) ?? [],
  }))
}

/** What a checkpoint changed; `since`: what going back to it would take away. */
export async function checkpointPatch(
  repository: Repository,
  { storyId, n, since }: { storyId: string; n: number; since: boolean },
): Promise<string> {
  const all = await listCheckpoints(repository, storyId)
  const { commit, parent } = checkpointNamed(all, n)
  const [from, to] = since ? [commit, all.at(-1)?.commit ?? commit] : [parent, commit]
  return (await diffOf(repository, from, to)).patch
}

/** The checkpoint as the event will name it. Refuses one there is not, one on another base, and files that are nowhere. */
export async function rewindOf(
  repository: Repository,
  { storyId, base, body }: { storyId: string; base: string; body: unknown },
): Promise<Rewound> {
  const { n, files, talk = 'kept' } = understood(Rewind, body)
  const all = await listCheckpoints(repository, storyId)
  const { commit, tree } = checkpointNamed(all, n)
  await refuseOtherBase(repository, { base, storyId, commit })
  const there = files ? [commit, all.at(-1)?.commit ?? commit].map((at) => repository.listFiles(at)) : []
  const known = (await Promise.all(there)).flat()
  const stranger = files?.find((file) => !known.some((path) => path === file || path.startsWith(`${file}/`)))
  if (stranger !== undefined)
    refuse(404, `Neither checkpoint ${n} nor the last one has ${stranger}.`, 'Name files as the repository does.')
  return { n, commit, tree, ...(files && { files }), talk }
}

function checkpointNamed(all: readonly Checkpoint[], n: number): Checkpoint {
  const last = all.at(-1)
  const mend = last ? `There are 1 to ${last.n}.` : 'It has none yet: one is made after each turn that changes files.'
  return all.find((checkpoint) => checkpoint.n === n) ?? refuse(404, `This story has no checkpoint ${n}.`, mend)
}

/** Its files would take back what others have done on the base since. */
async function refuseOtherBase(repository: Repository, at: { base: string; storyId: string; commit: string }) {
  const [head, tip] = await Promise.all([at.base, `sluice/${at.storyId}`].map((branch) => repository.head(branch)))
  const [now, then] = await Promise.all(
    [tip ?? '', at.commit].map((commit) => mergeBase(repository, commit, head ?? '')),
  )
  if (now !== then)
    refuse(409, 'The story has been put on a newer base since.', 'Go back to a checkpoint that was made after that.')
}

/** All in one look: `<mark><commit>`, then `<added> <deleted> <path>` each. */
async function changesOf({ view }: Repository, commits: string[]): Promise<Map<string, FileChange[]>> {
  if (commits.length === 0) return new Map()
  const args = ['log', '--no-walk=unsorted', '--stdin', '-z', '--numstat', '--no-renames', '--format=%x01%H']
  const { stdout } = await git(view, [...args, '--no-ext-diff', '--no-textconv'], { input: `${commits.join('\n')}\n` })
  const told = stdout.toString().split('\x01').filter(Boolean)
  return new Map(told.map((one) => [one.slice(0, one.search(/[\0\n]/)), filesIn(one)]))
}

function filesIn(told: string): FileChange[] {
  return told.split('\0').flatMap((record) => {
    const [, added = '', deleted = '', path = ''] = /^\n*(\d+|-)\t(\d+|-)\t([\s\S]+)$/.exec(record) ?? []
    return path === '' ? [] : [{ path, additions: Number(added) || 0, deletions: Number(deleted) || 0 }]
  })
}

/** Takes a worktree away once nothing in it can be lost, and not while anybody is in it; else it stays and says why. */
import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Archived, archiveIgnored } from './archive-ignored.ts'
import { eachOf, everythingBelow, removeTree } from './copy-tree.ts'
import { Refusal } from './errors.ts'
import { lockGitDir } from './git-lock.ts'
import { occupantsOf } from './occupants.ts'
import { preparedFile } from './prepared.ts'
import { proveReachable, type Reachable } from './reachable.ts'
import type { Worktree } from './worktree.ts'
import { holderOf, holdFile } from './worktree-hold.ts'

export type Proof = Reachable & { archived: Archived | null }
export type GivenBack = { removed: true; proof: Proof | null } | { removed: false; why: string }

export type GivingBack = {
  storyId: string
  archiveMb: number
  /** Records the proof where it lasts; what it rejects leaves the worktree where it is. */
  say(proof: Proof): Promise<void>
  /** How long nothing in it may have changed: who writes just now is not done. */
  quietMs?: number
  onStep?(step: Step): void | Promise<void>
}

/** In this order; killed after any of them, asked again it goes on and loses nothing. */
export const steps = ['reachable', 'archived', 'said', 'moved', 'confirmed', 'forgotten', 'removed'] as const
export type Step = (typeof steps)[number]

const QUIET_MS = 10_000

/**
 * The proof is said before anything is moved. Moved out of the way it is looked over once more: what changed since the proof, by whomever,
 * puts it back. Only what has passed that is removed, under another name, so that a half-removed one is never taken for a worktree.
 */
export async function giveBack(worktree: Worktree, giving: GivingBack): Promise<GivenBack> {
  const { dir } = worktree
  const { onStep = () => undefined } = giving
  await finishRemoved(dir)
  await putBack(dir)
  if (!(await isThere(dir))) {
    await forget(worktree)
    return { removed: true, proof: null }
  }

  try {
    await refuseInUse(worktree)
    const before = await lookOver(dir)
    if (Date.now() - before.newest < (giving.quietMs ?? QUIET_MS)) throw stays('Something in it changed just now.')

    const reachable = await proveReachable(worktree, giving.storyId)
    await onStep('reachable')
    const proof: Proof = { ...reachable, archived: await archiveIgnored(worktree, giving.archiveMb) }
    await onStep('archived')
    await giving.say(proof)
    await onStep('said')

    await rename(dir, leaving(dir))
    await onStep('moved')
    if ((await lookOver(leaving(dir))).digest !== before.digest || (await occupantsOf(leaving(dir))).length > 0) {
      await putBack(dir)
      throw stays('Something in it changed while it was looked at.')
    }
    const gone = `${dir}${GONE}${crypto.randomUUID()}`
    await rename(leaving(dir), gone)
    await onStep('confirmed')
    await forget(worktree)
    await onStep('forgotten')
    await finishRemoved(dir)
    await onStep('removed')
    return { removed: true, proof }
  } catch (error) {
    if (error instanceof Refusal) return { removed: false, why: error.message }
    throw error
  }
}

const leaving = (dir: string): string => `${dir}.leaving`
const GONE = '.gone-'

const isThere = async (path: string): Promise<boolean> => (await lstat(path).catch(() => null)) !== null

const stays = (why: string): Refusal => new Refusal(why, 'It is looked at again later.')

/** Refuses while a role, the person's lock or any process says that it is in use. */
export async function refuseInUse({ dir, gitDir }: Pick<Worktree, 'dir' | 'gitDir'>): Promise<void> {
  const holder = await holderOf(dir)
  if (holder) throw stays(`${holder.owner} works in it (process ${holder.pid}).`)
  await refuseLocked(gitDir)
  const [occupant] = await occupantsOf(dir)
  if (occupant) throw stays(`${occupant.name} (process ${occupant.pid}) is in it.`)
}

/** Git's own way to say: hands off. */
async function refuseLocked(gitDir: string): Promise<void> {
  const reason = await readFile(join(gitDir, 'locked'), 'utf8').catch(() => null)
  if (reason !== null)
    throw new Refusal(
      `It is locked${reason.trim() ? `: ${reason.trim()}` : ''}.`,
      'Unlock it when it may go: git worktree unlock.',
    )
}

/** Everything in it by name, size and times, whosever it is; `newest` is when something last changed. */
async function lookOver(dir: string): Promise<{ digest: string; newest: number }> {
  const all = (await everythingBelow(dir)).sort((a, b) => (a.path < b.path ? -1 : 1))
  const lines: string[] = new Array(all.length)
  let newest = 0
  await eachOf([...all.keys()], async (i) => {
    const { path = '', kind } = all[i] ?? {}
    const { ino, size, mtimeMs, ctimeMs } = await lstat(join(dir, path))
    newest = Math.max(newest, ctimeMs)
    lines[i] = JSON.stringify([path, kind, ino, size, mtimeMs, ctimeMs])
  })
  return { digest: createHash('sha256').update(lines.join('\n')).digest('hex'), newest }
}

/** One that was moved and not confirmed: who moved it has died. */
async function putBack(dir: string): Promise<void> {
  if ((await isThere(leaving(dir))) && !(await isThere(dir))) await rename(leaving(dir), dir)
}

/** What was confirmed is only to be removed, also half. */
async function finishRemoved(dir: string): Promise<void> {
  const all = await readdir(dirname(dir)).catch(() => [])
  const mine = all.filter((name) => name.startsWith(`${basename(dir)}${GONE}`))
  for (const name of mine) await removeTree(join(dirname(dir), name))
}

/** Git's side of it, and the notes beside it. */
async function forget({ repository, dir, gitDir }: Worktree): Promise<void> {
  using _lock = await lockGitDir(repository.commonDir)
  await rm(gitDir, { recursive: true, force: true })
  for (const note of [preparedFile(dir), holdFile(dir)]) await rm(note, { force: true })
}

/** Looks after the disk of stories that have ended: packs their runs, takes them off RUN, gives their worktrees back, each when its time has come. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '@sluice/kit/log.ts'
import { storiesOnRun } from '@sluice/kit/run-stream.ts'
import type { Turns } from '../turns.ts'
import { type Ended, endedStory } from './ended.ts'
import { type Packing, packRuns, purgePacked, STAYS } from './pack-runs.ts'
import { besideWorktrees, type GivingBack, giveBackOf, hasWorktree } from './worktrees.ts'

export type TidyTimes = {
  /** After its end, so that whoever still writes has been told to stop. */
  packAfterMs: number
  /** After it was packed: a backup that is being taken has either, and never neither. */
  purgeAfterMs: number
  /** A worktree that has to stay is looked at again. */
  againMs: number
}

export const tidyTimes: TidyTimes = { packAfterMs: 60_000, purgeAfterMs: 10 * 60_000, againMs: 60 * 60_000 }

export type Tidying = Packing &
  GivingBack & {
    log: Log
    signal: AbortSignal
    turns: Turns
    times: TidyTimes
    /** Every story that has ended, by id. */
    ended(): Iterable<string>
  }

/** The name under which one hand at a time is laid on what lies on the disk. */
export const DISK_TURN = 'the disk'

export type Tidy = { moved(storyId: string): void; done: Promise<void> }

/** Level-triggered: what is due is done, whatever woke it; done twice it changes nothing. Ends with `signal`. */
export function keepTidy(means: Tidying): Tidy {
  const { signal, log, turns, times, now } = means
  const due = new Map<string, number>([[EVERYTHING, 0]])
  let wake = new AbortController()

  const moved = (storyId: string, at = 0): void => {
    due.set(storyId, Math.min(at, due.get(storyId) ?? Number.POSITIVE_INFINITY))
    wake.abort()
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      wake = new AbortController()
      const [id, at] = [...due].reduce((a, b) => (b[1] < a[1] ? b : a), ['', now().getTime() + LONGEST_MS])
      const wait = at - now().getTime()
      if (wait > 0) await waitFor(wait, AbortSignal.any([signal, wake.signal]))
      else await look(id)
    }
  }

  async function look(id: string): Promise<void> {
    due.delete(id)
    try {
      if (id === EVERYTHING) for (const one of await leftOver(means)) moved(one)
      const next = id === EVERYTHING ? null : await turns(DISK_TURN, () => lookAfter(means, id))
      if (next !== null) moved(id, next)
    } catch (err) {
      if (signal.aborted) return
      log.warn({ err, story: id }, 'will be tidied later')
      moved(id, now().getTime() + times.againMs)
    }
  }

  return { moved: (id) => moved(id), done: run() }
}

/** Stands for what an earlier process left. */
const EVERYTHING = ''

const waitFor = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal, ref: false }).catch(() => undefined)

const LONGEST_MS = 24 * 3_600_000

/** What of ended stories lies anywhere: entries on RUN, a worktree, a part of one. */
async function leftOver({ bus, dataDir, ended }: Tidying): Promise<Set<string>> {
  const over = new Set(ended())
  const onRun = (await storiesOnRun(bus)).filter(({ source }) => source !== STAYS).map(({ storyId }) => storyId)
  const onDisk = (await besideWorktrees(dataDir)).map(({ name }) => name.replace(/\.(leaving|gone-[0-9a-f-]+)$/, ''))
  return new Set([...onRun, ...onDisk].filter((id) => over.has(id)))
}

/** Does what is due, and says when to look again; null when nothing is left. */
async function lookAfter(means: Tidying, id: string): Promise<number | null> {
  const story = await endedStory(means.bus, id)
  if (!story) return null
  const next = [await lookAfterRuns(means, story), await lookAfterWorktree(means, story)].filter((at) => at !== null)
  return next.length > 0 ? Math.min(...next) : null
}

async function lookAfterRuns(means: Tidying, story: Ended): Promise<number | null> {
  const { times, now, log } = means
  const packAt = story.endedAt + times.packAfterMs
  if (now().getTime() < packAt) return packAt
  const fresh = await packRuns(means, story)
  if (fresh) log.info({ story: story.id, runs: fresh.runs.length, bytes: fresh.pack.bytes }, 'packed its runs')

  let next = fresh ? now().getTime() + times.purgeAfterMs : null
  for (const { time, data } of story.packs) {
    const at = Date.parse(time) + times.purgeAfterMs
    if (at <= now().getTime()) await purgePacked(means, story, data)
    else next = Math.min(at, next ?? at)
  }
  return next
}

async function lookAfterWorktree(means: Tidying, story: Ended): Promise<number | null> {
  const { dataDir, policy, times, now, log } = means
  if (!(await hasWorktree(dataDir, story))) return null
  const keptUntil = story.endedAt + policy.keepDays * 24 * 3_600_000
  if (now().getTime() < keptUntil) return keptUntil
  const back = await giveBackOf(means, story)
  if (back.removed) log.info({ story: story.id }, 'took its worktree away: all of it is kept')
  else log.info({ story: story.id, why: back.why }, 'its worktree stays')
  return back.removed ? null : now().getTime() + times.againMs
}

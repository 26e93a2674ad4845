/** Sees to it that what a person said of a running story happens: words are said until they are heard, a hold until nobody works. */

import type { Bus } from '@sluice/kit/bus.ts'
import { sayTo } from '@sluice/kit/ctl.ts'
import type { Log } from '@sluice/kit/log.ts'
import { record } from '@sluice/kit/record.ts'
import { spentOn } from '@sluice/kit/spend.ts'
import type { EventType } from '@sluice/proto/event.ts'
import { RunHeard, RunStopped } from '@sluice/proto/events.ts'
import type { Said } from '@sluice/proto/said.ts'
import type { Spoken } from '@sluice/proto/steering.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { Stories } from '../stories.ts'
import { atWork } from './hand.ts'

/** After this long a run that was to stop at once is taken from its role. */
const STOP_MS = 15_000
const AGAIN_MS = 2_000

type To = { role: string; request: string }
export type Due = { to: To; said: Said; words?: Spoken }

/** What is to be said to whom. Asked again it says the same: who hears it twice does nothing twice. */
export function dueIn(story: Story): Due[] {
  if (story.status !== 'running') return []
  const { hold } = story
  if (hold) {
    const [why, now] = [hold.why, hold.why !== 'paused']
    return held(story).map((to) => ({ to, said: { do: 'pause', why, ...(now && { now }) } }))
  }
  return story.words.flatMap((words) => {
    const to = atWork(story).find(({ role }) => words.role === null || words.role === role)
    if (words.heard || !to) return []
    const { id, text, attachments } = words
    return [{ to, words, said: { do: 'steer', id, text, ...(attachments && { attachments }) } }]
  })
}

/** Whom a hold concerns: a worktree is taken from its implementer, and reviewers look at a commit. */
const held = (story: Story): To[] =>
  atWork(story).filter(({ role }) => story.hold?.why !== 'taken' || role === 'implementer')

/** Requests that were to stop at once and did not. */
export const overdueIn = (story: Story, now: Date): To[] =>
  story.hold && now.getTime() - Date.parse(story.hold.since) >= STOP_MS ? stopping(story) : []

/** Whose work ends at once, with a model or without. A merge is not torn in the middle: it takes seconds. */
function stopping(story: Story): To[] {
  const { hold } = story
  if (!hold || hold.why === 'paused') return []
  return stepsOf(story).flatMap(({ role, step }) => {
    const concerned = hold.why === 'taken' ? role === 'implementer' : role !== 'releaser'
    return step.at === 'asked' && concerned ? [{ role, request: step.request }] : []
  })
}

type Means = {
  bus: Bus
  log: Log
  signal: AbortSignal
  now: () => Date
  stories(): Pick<Stories, 'get' | 'record'>
  /** Called where a person waits for a worktree that nobody works in any more. */
  lend(story: Story): Promise<void>
  againMs?: number | undefined
}

export type Tending = {
  /** To be called with every story that changed. */
  changed(story: Story): void
  /** Says once what is due and waits until it was heard or refused: why it was not, if so. */
  once(storyId: string): Promise<Map<string, string>>
}

export function tendStories(means: Means): Tending {
  const { log, signal, now, stories, againMs = AGAIN_MS } = means
  const busy = new Map<string, Promise<Map<string, string>>>()
  const timers = new Map<string, NodeJS.Timeout>()
  signal.addEventListener('abort', () => timers.forEach(clearTimeout), { once: true })

  const storyOf = (id: string) => (signal.aborted ? null : (stories().get(id)?.story ?? null))
  const wants = (story: Story) => dueIn(story).length > 0 || stopping(story).length > 0 || waitsForLoan(story)

  function changed(story: Story): void {
    if (wants(story) && !busy.has(story.id) && !timers.has(story.id)) void once(story.id)
  }

  /** One round at a time for each story; who asks meanwhile is told of the next. */
  function once(id: string): Promise<Map<string, string>> {
    const mine = (busy.get(id) ?? Promise.resolve()).then(() => round(id))
    busy.set(id, mine)
    void mine.finally(() => {
      if (busy.get(id) !== mine) return
      busy.delete(id)
      again(id)
    })
    return mine
  }

  function again(id: string): void {
    clearTimeout(timers.get(id))
    timers.delete(id)
    const story = storyOf(id)
    if (!story || !wants(story)) return
    const timer = setTimeout(() => {
      timers.delete(id)
      void once(id)
    }, againMs)
    timers.set(id, timer.unref())
  }

  async function round(id: string): Promise<Map<string, string>> {
    const refused = new Map<string, string>()
    const story = storyOf(id)
    try {
      for (const due of story ? dueIn(story) : []) {
        const why = await sayOne(id, due)
        if (why && due.words) refused.set(due.words.id, why)
      }
      const late = storyOf(id)
      for (const to of late ? overdueIn(late, now()) : []) await takeAway(id, to)
      const after = storyOf(id)
      if (after && waitsForLoan(after)) await means.lend(after)
    } catch (error) {
      log.warn({ err: error, story: id }, 'what the person said is said again later')
    }
    return refused
  }

  /** Null once it was heard, and recorded that it was. */
  async function sayOne(storyId: string, { to, said, words }: Due): Promise<string | null> {
    const heard = await sayTo(means.bus, { source: to.role, storyId, runId: to.request }, said)
    if (!heard) return `${to.role} does not answer at the moment.`
    if ('refused' in heard) return heard.refused
    if (words) await note(storyId, RunHeard, { words: words.id, role: to.role, request: to.request }, words.id)
    return null
  }

  async function takeAway(storyId: string, { role, request }: To): Promise<void> {
    const usage = await spentOn(means.bus, { storyId, request, role })
    const reason = `It did not put its tools down within ${STOP_MS / 1000} seconds.`
    await note(storyId, RunStopped, { request, role, reason, usage }, request)
  }

  /** Caused by what it is about: said twice, it is one event. */
  async function note(storyId: string, type: EventType, data: object, cause: string): Promise<void> {
    const story = storyOf(storyId)
    if (!story) return
    const { projectId } = story
    await stories().record(record({ type, source: 'web', projectId, storyId, cause, data, now: now() }))
  }

  return { changed, once }
}

const waitsForLoan = ({ status, hold, steps }: Story): boolean =>
  status === 'running' && hold?.why === 'taken' && !hold.lent && steps.build.at !== 'asked'

/** The orchestrator: the one service that decides. It folds what happened and publishes what is owed. */
import { type Bus, Stale } from '@sluice/kit/bus.ts'
import { openCards } from '@sluice/kit/cards.ts'
import { sayCancel } from '@sluice/kit/ctl.ts'
import { type Followed, follow, type Unreadable } from '@sluice/kit/follow.ts'
import { revokeLease } from '@sluice/kit/lease.ts'
import type { Log } from '@sluice/kit/log.ts'
import { record } from '@sluice/kit/record.ts'
import { runService } from '@sluice/kit/service.ts'
import { cardOf } from '@sluice/proto/card.ts'
import { subjectOf } from '@sluice/proto/event.ts'
import { AnswerRefused, TimerDue } from '@sluice/proto/events.ts'
import { admit, defaultBuilds, evolveProject, type Project, type Wish } from '@sluice/proto/project.ts'
import { openRequests } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import { decide, type Owed, openResets, slotOf } from './decide.ts'
import { storyCache } from './stories.ts'

export type OrchestratorOptions = {
  bus: Bus
  log: Log
  signal: AbortSignal
  now?: () => Date
  /** All that was recorded is folded and decided upon. */
  onReady?: () => void
}

/** Runs until `signal` aborts. Level-triggered: whatever wakes it, it publishes what the log lacks. */
export async function orchestrate(options: OrchestratorOptions): Promise<void> {
  const { bus, log, signal, now = () => new Date(), onReady } = options
  const stories = storyCache(bus)
  const cards = openCards(bus, { log, signal })
  const projects = new Map<string, Project>()
  /** What stories are owed that needs a slot: looked at again whenever one is given back. */
  const wishes = new Map<string, (Wish & { owed: Owed })[]>()
  const timers = new Map<string, NodeJS.Timeout>()
  const queues = new Map<string, Promise<void>>()
  const revoked = new Set<string>()
  let ready = false

  signal.addEventListener('abort', () => timers.forEach(clearTimeout), { once: true })
  await follow({ bus, log, signal, onEvent, onUnreadable, onSeen: cards.seen, onCaughtUp })

  function onEvent(followed: Followed): void {
    const { storyId, projectId } = followed.event
    if (!storyId) foldProject(followed)
    const changed = storyId !== undefined && stories.fold(followed)
    if (!ready) return
    if (storyId) showCard(storyId)
    if (!storyId) admitWaiting(projectId)
    else if (changed) settle(storyId)
  }

  function onUnreadable(unreadable: Unreadable): void {
    const id = stories.hear(unreadable)
    if (id && ready) settle(id)
  }

  function foldProject({ event }: Followed): void {
    const project = evolveProject(projects.get(event.projectId) ?? null, event)
    if (project) projects.set(project.id, project)
  }

  /** What is folded in, as recorded and as being recorded: what does not come true is shown anew by `again`. */
  function showCard(id: string): void {
    const [story, sequence] = [stories.get(id), stories.last(id)]
    if (story) cards.changed(id, sequence, () => cardOf(story, sequence))
  }

  function onCaughtUp(): void {
    cards.begin(stories.all().map((story) => cardOf(story, stories.last(story.id))))
    ready = true
    for (const id of stories.ids()) settle(id)
    onReady?.()
  }

  /** Serial per story, many stories at once. */
  function settle(id: string): void {
    const before = queues.get(id) ?? Promise.resolve()
    const mine = before.then(() => settleNow(id)).catch((error: unknown) => again(id, error))
    queues.set(id, mine)
    void mine.then(() => queues.get(id) === mine && queues.delete(id))
  }

  /** Until it owes nothing more: what we publish changes the story at once, and nobody wakes us again when it comes back to us. */
  async function settleNow(id: string): Promise<void> {
    for (;;) {
      const story = stories.get(id)
      if (!story || signal.aborted) return
      if (story.status !== 'running') return close(story)

      arm(story)
      await takeStopped(story)
      const owed = decide(story, now(), stories.unread(id))
      wishes.set(
        id,
        owed.flatMap((o) => wishFor(id, o)),
      )
      const due = owed.filter((o) => slotOf(o) === null)
      if (due.length === 0) return admitWaiting(story.projectId)
      for (const one of due) await publish(id, one)
      // Published and yet no step further: whatever wakes us next decides again.
      if (stories.get(id) === story) return
    }
  }

  /** Pure choice, then at once folded into the cache: nobody else sees the slot as free while it is being published. */
  function admitWaiting(projectId: string): void {
    const all = stories.ofProject(projectId)
    const asking = all.flatMap((story) => wishes.get(story.id) ?? [])
    if (asking.length === 0) return
    for (const wish of admit(projects.get(projectId)?.builds ?? defaultBuilds, all, asking)) {
      wishes.delete(wish.storyId)
      publish(wish.storyId, wish.owed)
        .then(() => settle(wish.storyId))
        .catch((error: unknown) => again(wish.storyId, error))
    }
  }

  async function publish(id: string, { type, cause, n, data }: Owed): Promise<void> {
    const story = stories.get(id)
    if (!story) return
    if (type === TimerDue) await takeFromRoles(story, (open) => open.request === cause)
    // Whoever takes it next would work on it in vain.
    if (type === AnswerRefused) await takeFromRoles(story, ({ request, role }) => request === cause && role === n)
    const { projectId } = story
    const event = record({ type, source: 'orchestrator', projectId, storyId: id, cause, n, data, now: now() })
    const subject = subjectOf(event)
    const expectedSequence = stories.sequence(id, subject)
    stories.assume(id, event)
    const { sequence } = await bus.publish(event, { expectedSequence })
    stories.confirm(id, subject, sequence)
  }

  /** What was assumed did not come true, or could not be said: read what is recorded and decide again. */
  async function again(id: string, error: unknown): Promise<void> {
    if (signal.aborted) return
    const stale = error instanceof Stale
    log[stale ? 'info' : 'error'](
      { err: error, story: id },
      stale ? 'the story went on without us' : 'could not decide',
    )
    if (!stale) await new Promise((resolve) => setTimeout(resolve, 1_000))
    await stories.reload(id).catch((cause: unknown) => again(id, cause))
    showCard(id)
    settle(id)
  }

  async function close(story: Story): Promise<void> {
    if (story.status === 'cancelled') await takeFromRoles(story, () => true)
    stories.forget(story.id)
    wishes.delete(story.id)
    clearTimeout(timers.get(story.id))
    timers.delete(story.id)
    admitWaiting(story.projectId)
  }

  /** Each once in a process's life: revoked again, a lease stays as it is. */
  async function takeStopped(story: Story): Promise<void> {
    for (const { role, request } of story.stopped.filter((one) => !revoked.has(one.request))) {
      await revokeLease(bus, role, request, 'stopped')
      sayCancel(bus, { source: role, storyId: story.id, runId: request })
      revoked.add(request)
    }
  }

  /** Durable by the lease, prompt by `ctl`: who works on it stops, who would begin does not. */
  async function takeFromRoles(
    story: Story,
    which: (open: { request: string; role: string }) => boolean,
  ): Promise<void> {
    for (const { role, request } of openRequests(story).filter(which)) {
      await revokeLease(bus, role, request, story.status === 'cancelled' ? 'cancelled' : 'closed')
      sayCancel(bus, { source: role, storyId: story.id, runId: request })
    }
  }

  /** The next deadline or reset of this story wakes it; what is due then is for `decide` to say. */
  function arm(story: Story): void {
    clearTimeout(timers.get(story.id))
    const deadlines = openRequests(story).map((open) => Date.parse(open.deadline))
    const next = Math.min(...deadlines, ...openResets(story).map(({ resetsAt }) => Date.parse(resetsAt)))
    if (!Number.isFinite(next)) return
    const delay = Math.min(Math.max(next - now().getTime(), 0), LONGEST_TIMER_MS)
    timers.set(story.id, setTimeout(() => settle(story.id), delay).unref())
  }
}

function wishFor(storyId: string, owed: Owed): (Wish & { owed: Owed })[] {
  const slot = slotOf(owed)
  return slot ? [{ storyId, slot, owed }] : []
}

/** `setTimeout` counts in 32 bits; a longer wait is armed again when it wakes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

if (import.meta.main)
  await runService('orchestrator', ({ bus, log, signal }) =>
    orchestrate({ bus, log, signal, onReady: () => log.info('ready') }),
  )

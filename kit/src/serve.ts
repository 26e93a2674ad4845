/** The loop of a role: one request in, one answer out, whatever dies on the way. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { EventOf, EventType } from '@sluice/proto/event.ts'
import { type Event, MessageParked } from '@sluice/proto/events.ts'
import type { Choice, Occupant, Usage, Words } from '@sluice/proto/parts.ts'
import { type Bus, readMessage } from './bus.ts'
import { type Chosen, choiceText } from './choice.ts'
import { onCancel, openHearing } from './ctl.ts'
import { openEar } from './ear.ts'
import { GivenBack, LeaseLost, Pause, TerminalError } from './errors.ts'
import { deaf, type Hearing } from './hearing.ts'
import { openJournal, readEarlier } from './journal.ts'
import { takeLease } from './lease.ts'
import type { Log } from './log.ts'
import { type Answer, failed, paused } from './outcome.ts'
import { leftBehind, ownWords, type Speaker } from './own-words.ts'
import { durableOf } from './permissions.ts'
import { record } from './record.ts'
import { talkAfter } from './rewound-talk.ts'
import type { Means, Role } from './role.ts'
import type { EntryKind, Run, StartedEntry } from './run.ts'
import { usageOfRun } from './run-usage.ts'
import type { Delivery } from './take.ts'
import { newVitals, type Vitals } from './vitals.ts'

/** Attempts that ended without a word before a request is parked, and errors before it is called failed. */
export const MAX_SILENT_ATTEMPTS = 5
export const MAX_FAILURES = 5

export type ServeOptions = {
  bus: Bus
  log: Log
  signal: AbortSignal
  /** Where runs keep recordings and logs. */
  runsDir: string
  version: string
  /** Which program it is, where that is not the name under which it serves: a seat's occupant. */
  program?: string
  /** What this request is worked on with; absent where no model is asked. */
  choiceFor?(request: Event): Chosen
  /** Kept up to date. */
  vitals?: Vitals
  /** How long the broker waits for a sign of life, as the durable says; heartbeats come three times as often. */
  ackWaitMs: number
  means(
    run: Run,
    request: Event,
    signal: AbortSignal,
    hearing?: Hearing,
  ): Promise<Pick<Means, 'agent' | 'memory' | 'artifacts' | 'workshop'> & { over?(): void } & AsyncDisposable>
  /** Ends what an earlier attempt left running; resolves when it is gone. */
  endProcesses(run: Run): Promise<void>
  now?: () => Date
}

/** Serves until `signal` aborts; then finishes nothing, but leaves nothing half-said: unanswered requests go to the next replica. */
export async function serve<Q extends EventType, C extends EventType>(
  role: Role<Q, C>,
  options: ServeOptions,
): Promise<void> {
  const worker = workerOf(role, options)
  await Promise.all(Array.from({ length: role.atOnce ?? 1 }, () => work(role.name, options, worker)))
}

const POLL_MS = 5_000

async function work(
  role: string,
  { bus, signal, log }: ServeOptions,
  handle: (message: Delivery) => Promise<Handled>,
): Promise<void> {
  using taking = bus.taking(durableOf(role))
  signal.addEventListener('abort', () => taking[Symbol.dispose](), { once: true })
  while (!signal.aborted) {
    try {
      const message = await taking.next(POLL_MS)
      // What comes while we leave is for the next replica.
      if (signal.aborted) message?.nak()
      else if (message) await handle(message)
    } catch (error) {
      // The broker is away or the durable not made yet: both are waited for.
      if (!signal.aborted) log.warn({ err: error }, 'no requests for now')
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

/** `answered` it is closed · `passed` it is nobody's work here · `lost` another attempt goes on · `later` it comes again. */
export type Handled = 'answered' | 'passed' | 'lost' | 'later'

/** What is done with one message of the role's durable. */
export function workerOf<Q extends EventType, C extends EventType>(role: Role<Q, C>, options: ServeOptions) {
  const { bus, log, signal, vitals = newVitals() } = options

  return async function handle(message: Delivery): Promise<Handled> {
    const parsed = readMessage(message)
    if (parsed.kind !== 'event' || parsed.event.type !== role.takes.type || !parsed.event.storyId)
      return park(
        message,
        parsed.kind === 'unreadable' ? parsed.reason : `This version does not take ${message.subject}.`,
      )
    const request = parsed.event
    // A seat takes every review request from its durable and answers those that name it.
    if (request.type === 'review.requested' && !request.data.seats.includes(role.name)) {
      message.ack()
      return 'passed'
    }

    const heart = setInterval(() => message.working(), options.ackWaitMs / 3)
    log.info({ request: request.id, story: request.storyId, busy: ++vitals.busy }, 'took a request')
    try {
      const outcome = await answerOnce(role, request, options)
      // An ack that gets lost costs one more delivery, which finds the answer in the journal.
      message.ack()
      vitals.handled++
      return outcome
    } catch (error) {
      if (error instanceof LeaseLost) {
        log.info({ request: request.id }, 'another attempt goes on')
        return 'lost'
      }
      const givenBack = error instanceof GivenBack
      log[givenBack ? 'info' : 'error']({ err: error, request: request.id }, 'will be tried again')
      message.nak(signal.aborted || givenBack ? 0 : backoffMs(message.deliveries))
      return 'later'
    } finally {
      clearInterval(heart)
      log.info({ request: request.id, busy: --vitals.busy }, 'let go of it')
    }
  }

  async function park(message: Delivery, reason: string): Promise<Handled> {
    const [, storyId = 'unknown'] = message.subject.split('.')
    log.error({ subject: message.subject, reason }, 'parked')
    const data = { stream: 'STORY', sequence: message.seq, subject: message.subject, reason: reason.slice(0, 2_000) }
    const saying = {
      type: MessageParked,
      source: role.name,
      projectId: 'unknown',
      storyId,
      cause: null,
      n: message.seq,
      data,
    }
    await bus.publish(record({ ...saying, now: new Date() }))
    // Without its reason: NATS 2.9 does not know a `term` that has one, and would deliver the message again.
    message.term()
    return 'passed'
  }
}

const backoffMs = (deliveries: number): number => Math.min(30_000, 250 * 2 ** Math.min(deliveries, 10))

/** The request is answered, by this attempt or one before, or needs no answer any more; an error means: not yet. */
async function answerOnce<Q extends EventType, C extends EventType>(
  role: Role<Q, C>,
  request: Event,
  options: ServeOptions,
): Promise<Handled> {
  const { bus, runsDir, now = () => new Date() } = options
  const storyId = request.storyId ?? ''
  const lease = await takeLease(bus, request.id, `${role.name}:${process.pid}:${randomUUID()}`)
  if ('revoked' in lease) return 'passed'

  const continues = 'continues' in request.data ? request.data.continues?.[role.name] : undefined
  const rewind = 'rewind' in request.data ? request.data.rewind : undefined
  const parked = await readEarlier(bus, storyId, continues)
  const earlier = rewind ? talkAfter(parked, rewind) : parked
  // What an earlier run left on the disk is gone on with too.
  const dir = join(runsDir, earlier[0]?.runId ?? request.id)
  const { program = role.name } = options
  const speaker: Speaker = { program, choice: options.choiceFor?.(request) }
  const run = ownWords(await openJournal(bus, { storyId, runId: request.id, dir, lease, now, earlier }), speaker)
  const said = run.entries().find((entry) => entry.kind === 'answer')
  if (said) return say(role, request, said.data as Said, options)

  await options.endProcesses(run)
  const before = leftBehind({ earlier: earlier.flatMap(({ entries }) => entries), entries: run.entries }, speaker)
  await run.append('started', {
    pid: process.pid,
    replica: process.env.SLUICE_REPLICA ?? '1',
    version: options.version,
    program,
    ...(continues ? { continues } : {}),
    ...(speaker.choice ? { choice: speaker.choice } : {}),
  } satisfies StartedEntry)
  if (before) await run.append('note', { type: 'notice', text: begunAnew(before, speaker.choice ?? {}) })
  const answer = silentAttempts(run) > MAX_SILENT_ATTEMPTS ? parkedAnswer : await attempt(role, request, run, options)

  const answered: Said = {
    answer,
    attempt: run.attempt,
    occupant: occupantOf(run, { program, version: options.version, source: role.name }),
    usage: usageOfRun(run.entries()),
  }
  await run.append('answer', answered)
  return say(role, request, answered, options)
}

const begunAnew = (before: Choice, now: Choice): string =>
  `The conversation is begun anew: it was with ${choiceText(before)}, and goes on with ${choiceText(now)}. What was done so far stays.`

type Said = { answer: Answer<unknown> & { parked?: boolean }; attempt: number; occupant: Occupant; usage: Usage }

const parkedAnswer = {
  ...failed(`${MAX_SILENT_ATTEMPTS} attempts ended without a word. The request is parked; retry sends it again.`),
  parked: true,
}

/** Publishes before it lets the broker forget the request. Said twice, the second changes nothing: one id, and the first answer closes. */
async function say<Q extends EventType, C extends EventType>(
  role: Role<Q, C>,
  request: Event,
  said: Said,
  { bus, now = () => new Date() }: ServeOptions,
): Promise<'answered'> {
  const { answer, ...common } = said
  const data = {
    request: request.id,
    ...common,
    ...(answer.kind === 'completed' ? (answer.data as object) : {}),
    ...(answer.kind === 'paused' ? { waiting: answer.waiting } : {}),
    ...(answer.kind === 'failed' ? { reason: answer.reason, ...(answer.parked ? { parked: true } : {}) } : {}),
  }
  const { projectId, storyId } = request
  const saying = {
    type: role.gives[answer.kind] as EventType,
    source: role.name,
    projectId,
    storyId,
    cause: request.id,
    data,
  }
  await bus.publish(record({ ...saying, now: now() }))
  return 'answered'
}

async function attempt<Q extends EventType, C extends EventType>(
  role: Role<Q, C>,
  request: Event,
  run: Run,
  options: ServeOptions,
): Promise<Answer<unknown>> {
  const { bus, log, now = () => new Date() } = options
  const cancel = new AbortController()
  using _listening = onCancel(bus, { storyId: run.storyId, runId: run.id }, () =>
    cancel.abort(new LeaseLost('Cancelled.')),
  )
  const signal = AbortSignal.any([options.signal, cancel.signal])
  const park = (pause: Pause) => cancel.abort(pause)

  try {
    using hearing = role.uses.includes('agent') ? openHearing(bus, { storyId: run.storyId, runId: run.id }) : null
    using ear = hearing && (await openEar(hearing, { run, carried: carriedBy(request, role.name), park, now }))
    await using means = await options.means(run, request, signal, ear ?? deaf)
    const { agent, memory, artifacts, workshop } = means
    const own = {
      source: role.name,
      run,
      agent,
      memory,
      artifacts,
      workshop,
      signal,
      log: log.child({ story: run.storyId, run: run.id }),
      say: sayMore,
    }
    // Closed for it, nobody asks for the rest of its answers; stopped or failed, the next attempt does.
    cancel.signal.addEventListener('abort', () => means.over?.(), { once: true })
    // `takes` parsed it: the request is of the type this role answers.
    const answer = await role.answer(request as unknown as EventOf<Q>, own)
    if (answer.kind !== 'paused') means.over?.()
    return answer
  } catch (error) {
    return await outcomeOf(error, run, signal)
  }

  async function sayMore(type: EventType, data: unknown): Promise<void> {
    if (!role.says?.some((t) => t.type === type.type)) throw new TerminalError(`${role.name} may not say ${type.type}.`)
    await run.fence()
    const { projectId, storyId } = request
    await bus.publish(record({ type, source: role.name, projectId, storyId, cause: request.id, data, now: now() }))
  }
}

const carriedBy = ({ data }: Event, role: string): readonly Words[] =>
  'steered' in data ? (data.steered?.[role] ?? []) : []

/** Only what its catcher can decide: waiting and hopeless are answers; anything else is counted and tried again. */
async function outcomeOf(error: unknown, run: Run, signal: AbortSignal): Promise<Answer<never>> {
  if (error instanceof Pause) return paused(error.waiting)
  if (error instanceof TerminalError) return failed(error.message)
  if (error instanceof LeaseLost) throw error
  if (signal.aborted && signal.reason instanceof Pause) return paused(signal.reason.waiting)
  if (signal.aborted && signal.reason instanceof LeaseLost) throw signal.reason
  if (signal.aborted || error instanceof GivenBack) {
    await run.append('stopped', {})
    throw error
  }

  const message = error instanceof Error ? error.message : String(error)
  await run.append('failure', { message })
  const failures = run.entries().filter((entry) => entry.kind === 'failure').length
  if (failures >= MAX_FAILURES) return failed(`Failed ${failures} times, last: ${message}`)
  throw error
}

/** Attempts that began and left neither an answer nor an error: their process died under them. */
export function silentAttempts(run: Run): number {
  const attemptsOf = (...kinds: EntryKind[]) =>
    run.entries().flatMap((entry) => (kinds.includes(entry.kind) ? [entry.attempt] : []))
  const ended = new Set(attemptsOf('failure', 'stopped'))
  return attemptsOf('started').filter((attempt) => !ended.has(attempt)).length
}

/** Who works by a model says so itself; in another's seat its program is named all the same. */
function occupantOf(
  run: Run,
  { program, version, source }: { program: string; version: string; source: string },
): Occupant {
  const session = run.entries().findLast((entry) => entry.kind === 'session')
  const occupant = (session?.data as { occupant: Occupant } | undefined)?.occupant ?? { program, version }
  return program === source ? occupant : { ...occupant, program }
}

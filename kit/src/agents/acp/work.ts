/** One conversation with an agent at work: what it may reach while it lasts, and what ends it. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Occupant } from '@sluice/proto/parts.ts'
import type { AgentTask, Place } from '../../agent.ts'
import { LeaseLost, Pause } from '../../errors.ts'
import { HOST_TOOLS_NAME, HOST_TOOLS_PATH, openHostTools } from '../../host-tools.ts'
import { openPermits, type PermissionRules, type Permits } from '../../permits.ts'
import type { ToldCalls } from '../../told-calls.ts'
import type { Trouble } from '../trouble.ts'
import { MODEL_PATH, watchedCalls } from '../watched-calls.ts'
import type { AcpOptions } from './acp.ts'
import type { SessionState } from './session-state.ts'
import { talk } from './talk.ts'
import { turnsOf } from './turns.ts'
import { openUpdates, type Updates } from './updates.ts'
import { type Mouth, openMouth } from './words.ts'

const IDLE_MS = 120_000
/** Without a word or a call of the model: longer than any command should run. */
const SILENCE_MS = 20 * 60_000
const PERMISSION_MS = 120_000
/** What it must not, it cannot. */
const IN_A_JAIL: PermissionRules = { policy: 'all', waitMs: PERMISSION_MS, decided: [] }

export type Work = AcpOptions & {
  task: AgentTask
  number: number
  calls: ToldCalls
  state(): SessionState
}

/** What the parts of one conversation share. */
export type AtWork = Work & {
  place: Place
  mouth: Mouth
  updates: Updates
  permits: Permits
  /** Some calls are a question to a person. */
  asks: boolean
  /** Who it is, once its program has said so. */
  who: Occupant
  /** What the last call of the model ended with, if it ended badly. */
  trouble: Trouble | null
  seen(): number
  /** Ends the run with this. */
  stop(why: unknown): void
  /** What was not allowed and why, until the agent is told. */
  refusals: string[]
  /** Aborted when the conversation is over, with why. */
  over: AbortSignal
}

/** Resolves with what was handed in; rejects with what stops the run. Nothing the agent started is left either way. */
export async function work(given: Work): Promise<unknown> {
  const { task, run, artifacts, workshop, number, calls, name } = given
  await using things = new AsyncDisposableStack()
  const over = new AbortController()
  const end = Promise.withResolvers<unknown>()
  end.promise.catch(() => undefined)
  const stopping = (why: unknown): void => {
    end.reject(why)
    over.abort(why)
  }
  const stop = (why: unknown): never => {
    stopping(why)
    throw why
  }
  const abort = (): void => stopping(task.signal.reason)
  task.signal.addEventListener('abort', abort, { once: true })
  things.defer(() => task.signal.removeEventListener('abort', abort))

  const rules = given.permissions ?? IN_A_JAIL
  const permits = openPermits(run, rules)
  const mouth = things.use(openMouth({ ...given, permits }, stopping))
  const titles: string[] = []
  const desk = openHostTools({
    ...{ run, artifacts, number },
    task: heeding(task, mouth),
    onEnd: ({ title }) => void titles.push(title),
  })
  things.use(workshop.serve(HOST_TOOLS_PATH, desk.answer))
  desk.submitted.then((input) => {
    end.resolve(input)
    over.abort(new Error('The work is handed in.'))
  }, stopping)

  const hosted = new RegExp(`(^|\\W|_)${HOST_TOOLS_NAME}(\\W|_)+(${desk.names.join('|')})\\b`)
  const updates = openUpdates({
    calls,
    note: (data) => run.append('note', { acp: number, ...data }),
    isHosted: (tool) => hosted.test(tool),
    failed: stopping,
  })
  const who: Occupant = { program: name, version: '?', engine: name }
  const turns = turnsOf({
    ...{ run, task, number, turns: given.state().turns, who: () => at.who },
    ...(given.prices && { prices: given.prices }),
    titles: () => [...updates.titles(), ...titles.splice(0)],
  })
  const place = task.place ?? (await nowhere(given))
  const tooLong = () => stopping(new Error('The agent was silent for too long.'))
  // A question to a person is silence of theirs, not of the agent.
  const silence = things.use(silenceOf(tooLong, SILENCE_MS + rules.waitMs))
  const at: AtWork = {
    ...given,
    ...{ permits, asks: rules.policy !== 'all', stop: stopping, refusals: [] },
    ...{ place, mouth, who, over: over.signal, trouble: null, seen: turns.seen },
    updates: {
      ...updates,
      on(update) {
        silence.broken()
        updates.on(update)
      },
    },
  }
  const door = watchedCalls({
    ...{ access: given.access, idleMs: task.limits?.idleMs ?? IDLE_MS, signal: over.signal },
    async before() {
      silence.broken()
      await turns.done().catch(stop)
      // After what it had in hand, and before it takes up anything more.
      tried(() => mouth.check(), stop)
    },
    async after(call) {
      if (call.whole) at.trouble = null
      await turns.answered(call).catch(stop)
    },
    trouble(trouble) {
      at.trouble = trouble
      if (trouble.kind === 'wait') stopping(new Pause(trouble.waiting))
    },
  })
  things.use(workshop.serve(MODEL_PATH, door))

  const talking = talk(at).catch(stopping)
  try {
    const input = await end.promise
    await talking
    updates.settle()
    await turns.done()
    return input
  } finally {
    over.abort(new Error('The conversation is over.'))
    await talking
    updates.settle()
    // Who lost the lease writes nothing more.
    await calls.endAll().catch((error: unknown) => (error instanceof LeaseLost ? undefined : Promise.reject(error)))
  }
}

/** A role without a place works in a directory with nothing in it. */
async function nowhere({ run, workshop }: Work): Promise<Place> {
  const dir = join(run.dir, 'empty')
  await mkdir(dir, { recursive: true })
  return { dir, ...(await workshop.jailed(dir)) }
}

/** Nothing is handed in past what the person has said meanwhile. */
const heeding = (task: AgentTask, mouth: Mouth): AgentTask => ({
  ...task,
  async check(output) {
    const waiting = mouth.waiting()
    if (waiting.length === 0) return (await task.check?.(output)) ?? null
    await mouth.passedOn(waiting)
    return `the person has said this meanwhile, heed it first:\n${waiting.map(({ text }) => text).join('\n')}`
  },
})

function silenceOf(tooLong: () => void, ms: number): Disposable & { broken(): void } {
  const timer = setTimeout(tooLong, ms)
  return { broken: () => void timer.refresh(), [Symbol.dispose]: () => clearTimeout(timer) }
}

function tried(work: () => void, failed: (error: unknown) => never): void {
  try {
    work()
  } catch (error) {
    failed(error)
  }
}

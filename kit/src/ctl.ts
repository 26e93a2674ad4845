/** What is said to a running agent: to stop, to show its screen, or in a person's words. Not stored: the lease says a stop to whoever was not listening. */
import { Heard, Said } from '@sluice/proto/said.ts'
import { TermFrame } from '@sluice/proto/term.ts'
import { z } from 'zod'
import { type Bus, bodyOf } from './bus.ts'
import { TerminalError } from './errors.ts'
import type { Hear, Hearing } from './hearing.ts'

export type RunAddress = { source: string; storyId: string; runId: string }

const Command = z.object({ do: z.string() })
const SCREEN_MS = 1_000
const HEARD_MS = 5_000

const subjectFor = ({ source, storyId, runId }: RunAddress) => `ctl.${source}.${storyId}.${runId}`

export function sayCancel(bus: Bus, to: RunAddress): void {
  bus.nc.publish(subjectFor(to), JSON.stringify({ do: 'cancel' }))
}

type Listeners = Map<string, Set<() => void>>
const listening = new WeakMap<Bus, Listeners>()

/** Calls `cancelled` when this run is told to stop. Disposing ends it. */
export function onCancel(bus: Bus, run: { storyId: string; runId: string }, cancelled: () => void): Disposable {
  const listeners = listening.get(bus) ?? listenTo(bus)
  const subject = subjectFor({ source: bus.source, ...run })
  const mine = listeners.get(subject) ?? new Set()
  listeners.set(subject, mine.add(cancelled))
  return {
    [Symbol.dispose]: () => {
      mine.delete(cancelled)
      if (mine.size === 0) listeners.delete(subject)
    },
  }
}

/** One subscription for all runs of a process: one for each would cost the broker two messages a run. */
function listenTo(bus: Bus): Listeners {
  const listeners: Listeners = new Map()
  listening.set(bus, listeners)
  bus.nc.subscribe(subjectFor({ source: bus.source, storyId: '*', runId: '*' }), {
    callback(error, message) {
      if (error || saidIn(message) !== 'cancel') return
      for (const cancelled of listeners.get(message.subject) ?? []) cancelled()
    },
  })
  return listeners
}

/** The screen of a run as it is; null where it has no terminal, or nobody runs it. */
export async function askScreen(bus: Bus, of: RunAddress): Promise<TermFrame | null> {
  const asked = JSON.stringify({ do: 'screen' })
  const reply = await bus.nc.request(subjectFor(of), asked, { timeout: SCREEN_MS }).catch(() => null)
  return TermFrame.safeParse(reply && bodyOf(reply)).data ?? null
}

/** Gives the screen to whoever asks. Disposing ends the subscription. */
export function onScreenAsked(
  bus: Bus,
  run: { storyId: string; runId: string },
  screen: () => Promise<TermFrame>,
): Disposable {
  const subscription = bus.nc.subscribe(subjectFor({ source: bus.source, ...run }), {
    callback(error, message) {
      if (!error && saidIn(message) === 'screen') void screen().then((frame) => message.respond(JSON.stringify(frame)))
    },
  })
  return { [Symbol.dispose]: () => subscription.unsubscribe() }
}

const saidIn = (message: { json(): unknown }): string | undefined => Command.safeParse(bodyOf(message)).data?.do

// ── a person's words ─────────────────────────────────────────────────────────

/** Says it to a run and waits until it was heard; null where nobody runs it. */
export async function sayTo(bus: Bus, to: RunAddress, said: Said): Promise<Heard | null> {
  const reply = await bus.nc.request(subjectFor(to), JSON.stringify(said), { timeout: HEARD_MS }).catch(() => null)
  return Heard.safeParse(reply && bodyOf(reply)).data ?? null
}

/** The ear of one run. What is said before anybody listens is refused: nothing is heard by halves. */
export function openHearing(bus: Bus, run: { storyId: string; runId: string }): Hearing & Disposable {
  let hear: Hear | null = null
  let hearing: Promise<unknown> = Promise.resolve()
  const subscription = bus.nc.subscribe(subjectFor({ source: bus.source, ...run }), {
    callback(error, message) {
      const said = error ? undefined : Said.safeParse(bodyOf(message)).data
      if (!said) return
      hearing = hearing.then(async () => message.respond(JSON.stringify(await heardBy(hear, said))))
    },
  })
  return {
    listen(listener) {
      hear = listener
      return {
        settled: async () => void (await hearing),
        [Symbol.dispose]: () => {
          if (hear === listener) hear = null
        },
      }
    },
    [Symbol.dispose]: () => subscription.unsubscribe(),
  }
}

async function heardBy(hear: Hear | null, said: Said): Promise<Heard> {
  if (!hear) return { refused: 'No agent is at work in this run at the moment.' }
  try {
    await hear(said)
    return { heard: true }
  } catch (error) {
    return { refused: error instanceof TerminalError ? error.message : `It was not heard: ${String(error)}` }
  }
}

/** What is said to a running agent: to stop, or to show its screen. Not stored: the lease says it to whoever was not listening. */
import { TermFrame } from '@sluice/proto/term.ts'
import { z } from 'zod'
import { type Bus, bodyOf } from './bus.ts'

export type RunAddress = { source: string; storyId: string; runId: string }

const Said = z.object({ do: z.string() })
const SCREEN_MS = 1_000

const subjectFor = ({ source, storyId, runId }: RunAddress) => `ctl.${source}.${storyId}.${runId}`

export function sayCancel(bus: Bus, to: RunAddress): void {
  bus.nc.publish(subjectFor(to), JSON.stringify({ do: 'cancel' }))
}

/** Calls `cancelled` when this run is told to stop. Disposing ends the subscription. */
export function onCancel(bus: Bus, run: { storyId: string; runId: string }, cancelled: () => void): Disposable {
  return onSaid(bus, run, 'cancel', () => cancelled())
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
  return onSaid(bus, run, 'screen', async (answer) => answer(await screen()))
}

function onSaid(
  bus: Bus,
  { storyId, runId }: { storyId: string; runId: string },
  what: string,
  then: (answer: (value: unknown) => void) => unknown,
): Disposable {
  const subject = subjectFor({ source: bus.source, storyId, runId })
  const subscription = bus.nc.subscribe(subject, {
    callback: (error, message) => {
      if (!error && Said.safeParse(bodyOf(message)).data?.do === what)
        void then((value) => message.respond(JSON.stringify(value)))
    },
  })
  return { [Symbol.dispose]: () => subscription.unsubscribe() }
}

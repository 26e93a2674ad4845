/** The terminals of a story as somebody watches them from a service: first each screen as it is, then every frame after it. */
import { type TermEvent, TermFrame } from '@sluice/proto/term.ts'
import { type Bus, bodyOf } from './bus.ts'
import { askScreen } from './ctl.ts'

/** `running`: the runs that may have a terminal already; any other is shown from its first frame on. */
export async function watchTerminals(
  bus: Bus,
  { storyId, running }: { storyId: string; running: readonly { source: string; runId: string }[] },
  show: (event: TermEvent) => void,
): Promise<Disposable> {
  const early: TermEvent[] = []
  let hear = (event: TermEvent): void => void early.push(event)
  const subscription = bus.nc.subscribe(`term.*.${storyId}.*`, {
    callback(error, message) {
      const [, source = '', , runId = ''] = message.subject.split('.')
      const frame = error ? null : TermFrame.safeParse(bodyOf(message)).data
      if (frame) hear({ source, runId, frame })
    },
  })
  const screens = await Promise.all(
    running.map(async (run) => ({ ...run, frame: await askScreen(bus, { ...run, storyId }) })),
  )
  const shown = new Map<string, number>()
  for (const { frame, ...run } of screens) {
    if (!frame) continue
    shown.set(run.runId, frame.n)
    show({ ...run, frame })
  }
  for (const event of early) if (event.frame.n > (shown.get(event.runId) ?? 0)) show(event)
  hear = show
  return { [Symbol.dispose]: () => subscription.unsubscribe() }
}

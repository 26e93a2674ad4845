/** The journals of all runs of a story, for who shows them; whoever writes one reads it by `journal.ts`. */
import type { EventOf } from '@sluice/proto/event.ts'
import { RunPacked } from '@sluice/proto/events.ts'
import type { Artifacts } from './artifacts.ts'
import { type Bus, bodyOf } from './bus.ts'
import { readAll } from './follow.ts'
import { StoredEntry } from './journal.ts'
import type { Entry } from './run.ts'
import { type RunMessage, unpacked } from './run-pack.ts'

export type StoryRun = { source: string; runId: string; entries: Entry[] }
/** Where those of ended stories are kept. */
export type RunSources = { bus: Bus; artifacts: Pick<Artifacts, 'get'> | null }

/**
 * Runs in the order they began; what others say on RUN (money, live pictures) is no journal and left out. Whether an entry lies on RUN or
 * in a pack of its story, or for a while in both, makes no difference.
 */
export async function readRuns({ bus, artifacts }: RunSources, storyId: string): Promise<StoryRun[]> {
  // RUN first: what leaves it meanwhile is in a pack by then.
  const live = await liveMessages(bus, `run.*.${storyId}.>`)
  const packs = await packsOf(bus, storyId)
  const kept = (await Promise.all(packs.map(({ pack }) => messagesIn(artifacts, pack)))).flat()
  const once = new Map([...kept, ...live].map((message) => [message.subject, message]))
  return journalsIn([...once.values()].sort((a, b) => a.sequence - b.sequence))
}

/** What the story's events say is packed, oldest first. */
export async function packsOf(bus: Bus, storyId: string): Promise<EventOf<typeof RunPacked>['data'][]> {
  const found = await readAll(bus, `story.${storyId}.${RunPacked.type}.>`)
  return found.flatMap(({ event }) => (event.type === RunPacked.type ? [event.data] : []))
}

async function messagesIn(artifacts: RunSources['artifacts'], pack: { sha256: string }): Promise<RunMessage[]> {
  if (!artifacts) throw new Error(`The runs are packed in ${pack.sha256}, and there is no way to it from here.`)
  return unpacked(await artifacts.get(pack))
}

function journalsIn(messages: readonly RunMessage[]): StoryRun[] {
  const runs = new Map<string, StoryRun>()
  for (const { subject, body } of messages) {
    const [, source = '', , runId = '', n = ''] = subject.split('.')
    const entry = StoredEntry.safeParse(body)
    if (!/^\d+$/.test(n) || !entry.success) continue
    const key = `${source}.${runId}`
    const run = runs.get(key) ?? { source, runId, entries: [] }
    runs.set(key, run)
    run.entries.push(entry.data as Entry)
  }
  return [...runs.values()]
}

const BATCH = 500
const GONE_MS = 1_000

/** Everything on RUN now that a filter lets through, in order. */
export const liveMessages = (bus: Bus, filter: string): Promise<RunMessage[]> =>
  Array.fromAsync(eachLiveMessage(bus, filter))

/** As `liveMessages`, one after the other: for who looks at more than fits in memory. */
export async function* eachLiveMessage(bus: Bus, filter: string): AsyncGenerator<RunMessage> {
  const consumer = await bus.js.consumers.get('RUN', { filter_subjects: filter })
  const { num_pending: pending } = await consumer.info()
  for (let left = pending; left > 0; ) {
    let any = false
    // What was counted may leave RUN before it is read: nobody waits for it longer than this.
    for await (const message of await consumer.fetch({ max_messages: Math.min(left, BATCH), expires: GONE_MS })) {
      any = true
      left = message.info.pending
      yield { subject: message.subject, sequence: message.seq, body: bodyOf(message) }
    }
    if (!any) return
  }
}

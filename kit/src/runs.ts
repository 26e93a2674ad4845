/** The journals of all runs of a story, for who shows them; whoever writes one reads it by `journal.ts`. */
import { type Bus, bodyOf } from './bus.ts'
import { StoredEntry } from './journal.ts'
import type { Entry } from './run.ts'

export type StoryRun = { source: string; runId: string; entries: Entry[] }

/** Runs in the order they began; what others say on RUN (money, live pictures) is no journal and left out. */
export async function readRuns(bus: Bus, storyId: string): Promise<StoryRun[]> {
  const runs = new Map<string, StoryRun>()
  for await (const { subject, body } of said(bus, `run.*.${storyId}.>`)) {
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

async function* said(bus: Bus, filter: string): AsyncGenerator<{ subject: string; body: unknown }> {
  const consumer = await bus.js.consumers.get('RUN', { filter_subjects: filter })
  const { num_pending: pending } = await consumer.info()
  if (pending === 0) return
  for await (const message of await consumer.consume({ max_messages: 500 })) {
    yield { subject: message.subject, body: bodyOf(message) }
    if (message.info.pending === 0) return
  }
}

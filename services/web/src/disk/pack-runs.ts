/** Keeps the journals of an ended story's runs in one artifact, says so, and later takes them off RUN. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import type { Bus } from '@sluice/kit/bus.ts'
import { record } from '@sluice/kit/record.ts'
import { PACK_TYPE, packed, type RunMessage, unpacked } from '@sluice/kit/run-pack.ts'
import { purgeRun } from '@sluice/kit/run-stream.ts'
import { liveMessages } from '@sluice/kit/runs.ts'
import type { Envelope, EventOf } from '@sluice/proto/event.ts'
import { RunPacked } from '@sluice/proto/events.ts'
import type { Ended } from './ended.ts'

export type Packing = {
  bus: Bus
  store: Artifacts
  runsDir: string
  now(): Date
  /** Resolves when the event is recorded. */
  record(event: Envelope): Promise<void>
}

type Packed = EventOf<typeof RunPacked>['data']
type LiveRun = { source: string; runId: string; messages: RunMessage[] }

/** What models cost stays where it is: budgets of days and projects are counted from it. */
export const STAYS = 'llm-gateway'
/** A run of a story that has ended, whose role has said nothing for so long, will say nothing more. */
const SILENT_MS = 7 * 24 * 3_600_000

/**
 * Packs what is not packed yet of runs that are over. The artifact is named by its content and the event by the artifact: done again
 * after a death in the middle it is the same event, and what is in two packs is read once.
 */
export async function packRuns(means: Packing, story: Ended): Promise<Packed | null> {
  const { store, now, runsDir } = means
  const known = new Map(story.packs.flatMap(({ data }) => data.runs.map((run) => [keyOf(run), run.last] as const)))
  const over = (await liveRuns(means.bus, story.id))
    .filter((run) => isOver(run, story, now()))
    .map((run) => ({
      ...run,
      messages: run.messages.filter(({ sequence }) => sequence > (known.get(keyOf(run)) ?? 0)),
    }))
    .filter(({ messages }) => messages.length > 0)
  if (over.length === 0) return null

  const messages = over.flatMap((run) => run.messages).sort((a, b) => a.sequence - b.sequence)
  const pack = await store.put(await packed(messages), { name: `runs-${story.id}.jsonl.gz`, mediaType: PACK_TYPE })
  const recordings = await Promise.all(over.map((run) => recordingsOf(run, { store, runsDir })))
  const data: Packed = {
    pack,
    runs: over.map(({ source, runId, messages: mine }) => ({
      ...{ source, runId, entries: mine.length, last: mine.at(-1)?.sequence ?? 0 },
    })),
    recordings: recordings.flat(),
  }
  const { id: storyId, projectId } = story
  const saying = { type: RunPacked, source: 'web', projectId, storyId, cause: null, n: pack.sha256, data }
  await means.record(record({ ...saying, now: now() }))
  return data
}

/** How many messages left RUN. Only what the pack itself holds, read back whole, is taken off. */
export async function purgePacked(
  { bus, store }: Pick<Packing, 'bus' | 'store'>,
  { id }: Ended,
  data: Packed,
): Promise<number> {
  const kept = new Set((await unpacked(await store.get(data.pack))).map(({ sequence }) => sequence))
  let purged = 0
  for (const { source, runId, last } of data.runs) {
    const there = await liveMessages(bus, `run.${source}.${id}.${runId}.>`)
    if (there.every(({ sequence }) => sequence > last)) continue
    if (!there.every(({ sequence }) => sequence > last || kept.has(sequence)))
      throw new Error(`The pack ${data.pack.sha256} of ${id} lacks entries of ${source} that it names.`)
    purged += await purgeRun(bus, { source, storyId: id, runId, last })
  }
  return purged
}

const keyOf = ({ source, runId }: { source: string; runId: string }): string => `${source}.${runId}`

async function liveRuns(bus: Bus, storyId: string): Promise<LiveRun[]> {
  const runs = new Map<string, LiveRun>()
  for (const message of await liveMessages(bus, `run.*.${storyId}.>`)) {
    const [, source = '', , runId = ''] = message.subject.split('.')
    if (source === STAYS) continue
    const run = runs.get(keyOf({ source, runId })) ?? { source, runId, messages: [] }
    runs.set(keyOf(run), run)
    run.messages.push(message)
  }
  return [...runs.values()]
}

/** Whoever may still go on with it finds its journal where it was. */
function isOver({ source, runId, messages }: LiveRun, { cancelled, events }: Ended, now: Date): boolean {
  const entries = messages.map(({ body }) => body as { kind?: string; at?: string })
  if (cancelled || entries.some(({ kind }) => kind === 'answer')) return true
  const closed = events.some(
    (event) =>
      (event.type === 'timer.due' && event.data.request === runId) ||
      ((event.type === 'answer.refused' || event.type === 'run.stopped') &&
        event.data.request === runId &&
        event.data.role === source),
  )
  return closed || now.getTime() - Date.parse(entries.at(-1)?.at ?? '') > SILENT_MS
}

async function recordingsOf(
  { source, runId }: LiveRun,
  { store, runsDir }: { store: Artifacts; runsDir: string },
): Promise<Packed['recordings']> {
  const dir = join(runsDir, runId)
  const casts = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.cast')).sort()
  return Promise.all(
    casts.map(async (name) => {
      const recording = await store.put(await readFile(join(dir, name)), { name, mediaType: 'application/x-asciicast' })
      return { source, runId, recording }
    }),
  )
}

/** Sends what stories have come to: every span once it is final, in batches, again and again until the collector has it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import type { Bus } from '@sluice/kit/bus.ts'
import { readAll } from '@sluice/kit/follow.ts'
import type { Log } from '@sluice/kit/log.ts'
import type { Exporter, Sent } from '@sluice/kit/otlp/exporter.ts'
import { type ReadableOptions, readableSpans } from '@sluice/kit/otlp/readable.ts'
import { readRuns } from '@sluice/kit/runs.ts'
import { traceOf } from '@sluice/kit/spans/story-trace.ts'
import { finalSpans } from './final.ts'
import type { SentSpans } from './sent.ts'

export type Exporting = {
  bus: Bus
  /** Where runs of ended stories are kept. */
  artifacts: Pick<Artifacts, 'get'> | null
  log: Log
  signal: AbortSignal
  sent: SentSpans
  exporter: Exporter
  about: Omit<ReadableOptions, 'now'>
  /** Enters a delivery in the ledger. */
  enter(sent: Sent): Promise<void>
}

export type Export = {
  /** Something was recorded about a story. */
  moved(storyId: string): void
  ended: Promise<void>
}

/** Many small entries of one moment become one look at the story. */
const LINGER_MS = 1_000
const BATCH = 512
const LONGEST_WAIT_MS = 30_000

export function startExport(exporting: Exporting): Export {
  const { log, signal, sent } = exporting
  const owed = new Set(sent.open())
  let wake = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => wake.resolve(), { once: true })

  async function run(): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      if (owed.size === 0) await wake.promise
      await pause(failures > 0 ? Math.min(LONGEST_WAIT_MS, LINGER_MS * 2 ** failures) : LINGER_MS, signal)
      wake = Promise.withResolvers<void>()
      if (signal.aborted) return
      const stories = [...owed]
      owed.clear()
      for (const [i, storyId] of stories.entries()) {
        const problem = await exportStory(storyId, exporting).catch((error: unknown) => String(error))
        if (problem === null) {
          failures = 0
          continue
        }
        // What one story cannot be told of now, the next one cannot either.
        for (const later of stories.slice(i)) owed.add(later)
        if (!signal.aborted) log.warn({ problem, stories: owed.size }, 'not exported: will be tried again')
        failures++
        break
      }
    }
  }

  return {
    moved(storyId) {
      owed.add(storyId)
      wake.resolve()
    },
    ended: run(),
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined)

/** Null, or what is in the way. Run twice it sends nothing twice but what was sent and not noted: under the same ids. */
async function exportStory(storyId: string, exporting: Exporting): Promise<string | null> {
  const { bus, sent, about, log } = exporting
  // In this order: what a run wrote before it answered is in its journal when the answer is in the log.
  const followed = await readAll(bus, `story.${storyId}.>`)
  const trace = traceOf(
    followed.map(({ event }) => event),
    await readRuns(exporting, storyId),
  )
  const final = finalSpans(trace)
  const missing = sent.missing(
    storyId,
    final.map(({ id }) => id),
  )
  const ready = readableSpans({ ...trace, spans: final.filter(({ id }) => missing.has(id)) }, { ...about, now: 0 })

  for (let at = 0; at < ready.length; at += BATCH) {
    const batch = ready.slice(at, at + BATCH)
    const outcome = await exporting.exporter.send(batch)
    await exporting.enter(outcome)
    if (outcome.problem) return outcome.problem
    if (outcome.rejected > 0) log.error({ story: storyId, rejected: outcome.rejected }, 'the collector refused spans')
    sent.taken(
      storyId,
      batch.map((span) => span.spanContext().spanId),
    )
  }
  if (ready.length > 0) log.info({ story: storyId, spans: ready.length }, 'exported')
  const [root] = trace.spans
  if (!root || (root.end !== null && final.length === trace.spans.length))
    sent.close(storyId, followed.at(-1)?.sequence ?? 0)
  return null
}

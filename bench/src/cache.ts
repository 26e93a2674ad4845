/** `cache`: what of a long conversation is read from the prompt cache, as a strict double of the API accounts for it. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAgent } from '@sluice/kit/agents/anthropic.ts'
import { artifactStore } from '@sluice/kit/artifacts.ts'
import { openLog } from '@sluice/kit/log.ts'
import type { Entry } from '@sluice/kit/run.ts'
import { memoryRun } from '@sluice/kit/testing/memory-run.ts'
import { type RecordedRequest, startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { z } from 'zod'
import { type Benchmark, lookFrom, tell } from './benchmark.ts'
import { prompt, system, tools, workFor } from './cache/script.ts'
import { columns } from './numbers.ts'

/** Between two turns, on the server's clock: long thinking and slow tools, within the cache's five minutes. */
const APART_MS = 240_000

export type CacheCounts = {
  turns: number
  /** A replica is gone after so many turns, and another goes on. */
  killedEvery: number
}
export const full: CacheCounts = { turns: 30, killedEvery: 7 }
export const quick: CacheCounts = { turns: 6, killedEvery: 4 }

export type CacheOutcome = {
  bench: 'cache'
  turns: number
  replicas: number
  /** Turns after the first that read all that was sent before, and those that did not. */
  hits: number
  misses: number
  /** Of all tokens sent, read from the cache; of those of all turns but the first. */
  share: number
  shareAfterFirst: number
  /** Every request and what it was charged, one a line. */
  requestLog: string
  each: Turn[]
}
type Turn = {
  turn: number
  blocks: number
  sent: number
  read: number
  written: number
  neither: number
  missing: number
}

export const cache: Benchmark = {
  name: 'cache',
  summary: 'what of thirty turns is read from the prompt cache, over several replicas',
  usage: `npm run bench -- cache [--quick] [--json]
  The built-in engine works ${full.turns} turns with many tools, pictures, up to thirty reads in one message and long outputs; after every ${full.killedEvery} turns
  its replica is gone and another goes on from the journal. The server is the scripted one, which accounts for caching as the API documents
  it: at most four marks, twenty blocks looked back over, shortest prefix, five minutes or an hour, ${APART_MS / 1000} s between turns. A miss is a turn after
  the first that did not read every token sent before it. Goal 0. The log of all requests is kept, and its path printed.`,
  async run(args) {
    const look = lookFrom(args)
    const outcome = await measureCache(look.quick ? quick : full)
    tell(look, { ...outcome, goal: 0 }, linesOf(outcome))
    return outcome.misses === 0 ? 0 : 1
  },
}

export async function measureCache({ turns, killedEvery }: CacheCounts): Promise<CacheOutcome> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-cache-'))
  const requestLog = join(dir, 'requests.jsonl')
  let clock = 0
  const work = workFor(turns)
  await using api = await startMessagesApi({
    model: (request, context) => {
      clock += APART_MS
      return work(request, context)
    },
    ...{ requestLog, now: () => clock },
  })
  let entries: readonly Entry[] = []
  let replicas = 0
  for (let done = false; !done; replicas++) {
    const run = memoryRun({ entries, attempt: replicas + 1 })
    const worked = await attempt(api.url, { run, dir, maxTurns: (replicas + 1) * killedEvery })
    entries = run.log
    done = worked
  }
  const each = turnsOf(api.requests)
  const after = each.slice(1)
  const misses = after.filter(({ missing }) => missing > 0).length
  const share = (of: Turn[]) => Math.round((1000 * sum(of, 'read')) / sum(of, 'sent')) / 10
  return {
    ...{ bench: 'cache' as const, turns: each.length, replicas, hits: after.length - misses, misses },
    ...{ share: share(each), shareAfterFirst: share(after), requestLog, each },
  }
}

/** Until it submits, or has no turn left: then its replica counts as killed. */
async function attempt(
  url: string,
  { run, dir, maxTurns }: { run: ReturnType<typeof memoryRun>; dir: string; maxTurns: number },
): Promise<boolean> {
  const access = { url, egressUrl: url, token: 'bench', reopen: async () => {}, [Symbol.asyncDispose]: async () => {} }
  const artifacts = artifactStore(join(dir, 'artifacts'))
  const agent = openAgent({ run, access, artifacts, log: openLog('bench'), model: 'claude-opus-5-5' })
  const output = z.object({ verdict: z.string() })
  const signal = new AbortController().signal
  try {
    await agent.run({ system, prompt, tools, output, signal, limits: { maxTurns } })
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes(`in ${maxTurns} turns`)) return false
    throw error
  }
}

function turnsOf(requests: readonly RecordedRequest[]): Turn[] {
  let before = 0
  return requests.map(({ body, usage }, i) => {
    const [read, written, neither] = [
      usage?.cache_read_input_tokens ?? 0,
      usage?.cache_creation_input_tokens ?? 0,
      usage?.input_tokens ?? 0,
    ]
    const missing = Math.max(0, before - read)
    before = read + written + neither
    const blocks = body.messages.reduce((n, { content }) => n + (Array.isArray(content) ? content.length : 1), 0)
    return { turn: i + 1, blocks, sent: before, read, written, neither, missing }
  })
}

const sum = (turns: readonly Turn[], of: 'read' | 'sent'): number => turns.reduce((n, turn) => n + turn[of], 0)

function linesOf({ turns, replicas, hits, misses, share, shareAfterFirst, requestLog, each }: CacheOutcome): string[] {
  return [
    ...columns([
      ['turn', 'blocks', 'sent', 'read', 'written', 'neither', 'missing'],
      ...each.map((one) => [one.turn, one.blocks, one.sent, one.read, one.written, one.neither, one.missing]),
    ]),
    '',
    `${turns} turns, ${replicas} replicas: ${hits} hits, ${misses} misses. ${share} % of all tokens read from the cache, ${shareAfterFirst} % after the first turn.`,
    `Requests: ${requestLog}`,
    'Goal: 0 misses.',
  ]
}

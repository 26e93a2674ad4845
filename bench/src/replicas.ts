/** `replicas`: how much of a second replica's work arrives when there are thirty-two, on a model of fixed latency. */
import { follow } from '@sluice/kit/follow.ts'
import { openLog } from '@sluice/kit/log.ts'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import { scopeRequested } from '@sluice/kit/testing/fixtures.ts'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { tool } from '@sluice/kit/testing/messages-script.ts'
import { type Benchmark, type Look, lookFrom, say, tell } from './benchmark.ts'
import { startChild } from './child.ts'
import { openMany } from './line/many.ts'
import { brokerOnPath } from './line/world.ts'
import { type MachineFacts, machineFacts, machineLine } from './machine.ts'
import { columns, rounded, roundedAll } from './numbers.ts'
import { requirements, worker, workerRole } from './replicas/role.ts'

const GOAL = 95

export type ReplicaCounts = {
  replicas: readonly number[]
  latencyMs: number /** Requests for each replica. */
  each: number
}
export const full: ReplicaCounts = { replicas: [1, 2, 4, 8, 16, 32], latencyMs: 4_000, each: 4 }
export const quick: ReplicaCounts = { replicas: [1, 4], latencyMs: 500, each: 2 }

export type ReplicasOutcome = {
  bench: 'replicas'
  machine: MachineFacts
  latencyMs: number
  /** Percent of linear at the most replicas. */
  linear: number
  levels: { replicas: number; perSecond: number; linear: number; answered: number }[]
}

export const replicas: Benchmark = {
  name: 'replicas',
  summary: 'percent of linear from 1 to 32 replicas of a role on a model of fixed latency',
  usage: `npm run bench -- replicas [--quick] [--json]
  Replicas of one role (loops of one process, each with a connection of its own) answer requests that wait in the broker; each asks a
  scripted Messages API, by the real SDK, that takes ${full.latencyMs} ms to answer. Percent of linear: rate ÷ (replicas × rate of one). Goal ${GOAL} at 32.`,
  async run(args) {
    const look = lookFrom(args)
    const outcome = await measureReplicas(look.quick ? quick : full)
    tell(look, { ...outcome, goal: GOAL }, linesOf(outcome, look))
    return 0
  },
}

export async function measureReplicas({ replicas: wanted, latencyMs, each }: ReplicaCounts): Promise<ReplicasOutcome> {
  const machine = await machineFacts()
  await brokerOnPath()
  await using api = await startMessagesApi({
    model: () => ({ content: [tool('submit', requirements)], delayMs: latencyMs }),
  })
  await using broker = await startBroker([workerRole])
  const stop = new AbortController()
  const bus = await broker.connect('orchestrator')
  const many = openMany((storyId) => bus.publish(scopeRequested(storyId)))
  const following = follow({
    ...{ bus, log: openLog('bench', { write: () => {} }), signal: stop.signal, filter: 'story.*.scope.completed.>' },
    onEvent: ({ event }) => many.ended(event.storyId ?? ''),
  })
  following.catch(many.fail)

  const levels: ReplicasOutcome['levels'] = []
  for (const count of wanted) {
    const config = { url: broker.url, api: api.url, dir: broker.dir, replicas: count }
    await using _running = await startChild(new URL('./replicas/process.ts', import.meta.url), config)
    // The SDK is loaded and every loop has worked once before the clock runs.
    await many.run(count, count)
    const total = count * each
    const before = many.count()
    const perSecond = (total * 1_000) / (await many.run(total, total))
    const one = levels[0] ? levels[0].perSecond / levels[0].replicas : perSecond / count
    levels.push({
      replicas: count,
      perSecond,
      linear: (100 * perSecond) / (count * one),
      answered: many.count() - before,
    })
    say(`${count} × ${worker.name}: ${rounded(perSecond)}/s, ${rounded(levels.at(-1)?.linear ?? 0)} % of linear`)
  }
  stop.abort()
  await following
  return roundedAll({ bench: 'replicas' as const, machine, latencyMs, linear: levels.at(-1)?.linear ?? 0, levels })
}

function linesOf({ machine, latencyMs, levels }: ReplicasOutcome, { quick }: Look): string[] {
  return [
    machineLine(machine),
    `A model that takes ${latencyMs} ms.${quick ? ' QUICK: no numbers to keep.' : ''}`,
    '',
    ...columns([
      ['replicas', 'requests/s', '% of linear'],
      ...levels.map(({ replicas: count, perSecond, linear }) => [count, perSecond, linear]),
    ]),
    `Goal: ${GOAL} % at 32.`,
  ]
}

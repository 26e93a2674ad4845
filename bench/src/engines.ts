/** `engines`: turns, tokens, cache share, cost and time of one scripted story, by each engine and by Claude Code alone. */

import { priceOf, usageOf } from '@sluice/kit/prices.ts'
import { addUsage, noUsage, type Usage } from '@sluice/proto/parts.ts'
import { type Benchmark, type Look, lookFrom, say, tell } from './benchmark.ts'
import { claudeAlone, MODEL, type Story, sluiceAnthropic, sluiceClaude, type Worker } from './engines/workers.ts'
import { type MachineFacts, machineFacts, machineLine } from './machine.ts'
import { columns, median, roundedAll } from './numbers.ts'
import { Absent } from './peers/fetched.ts'

export type EnginesCounts = { steps: number; rounds: number }
export const full: EnginesCounts = { steps: 10, rounds: 3 }
export const quick: EnginesCounts = { steps: 2, rounds: 1 }

export type Measured = {
  /** Requests of the model, those beside the work among them. */
  requests: number
  /** Tokens of all prompts, and of those the share that was read from the cache, in percent. */
  sent: number
  cacheShare: number
  written: number
  costUsd: number
  seconds: number
  changed: number
}
export type EnginesOutcome = {
  bench: 'engines'
  machine: MachineFacts
  model: string
  steps: number
  workers: Record<string, Measured | { absent: string }>
}

const workers: readonly Worker[] = [sluiceAnthropic, sluiceClaude, claudeAlone]

export const engines: Benchmark = {
  name: 'engines',
  summary: 'turns, tokens, cache share, cost and time of one story by each engine',
  usage: `npm run bench -- engines [--quick] [--json]
  One scripted story (${full.steps} files read at once, then mended and checked one by one), done by:
${workers.map(({ name, what }) => `    ${name.padEnd(13)} ${what}`).join('\n')}
  The model is the scripted one and answers at once: seconds are what engine, jail and tools take. The median of ${full.rounds} rounds.
  SLUICE_CLAUDE names the program of Claude Code, else it is looked for on PATH and among the agents for tests.`,
  async run(args) {
    const look = lookFrom(args)
    const outcome = await measureEngines(look.quick ? quick : full)
    tell(look, outcome, linesOf(outcome, look))
    return 0
  },
}

export async function measureEngines(
  { steps, rounds }: EnginesCounts,
  by: readonly Worker[] = workers,
): Promise<EnginesOutcome> {
  const machine = await machineFacts()
  const measured: EnginesOutcome['workers'] = {}
  for (const worker of by) {
    measured[worker.name] = await measure(worker, { steps, rounds }).catch((error: unknown) => {
      if (error instanceof Absent) return { absent: error.message }
      throw error
    })
    say(`${worker.name}: ${JSON.stringify(measured[worker.name])}`)
  }
  return roundedAll({ bench: 'engines' as const, machine, model: MODEL, steps, workers: measured })
}

async function measure({ work }: Worker, { steps, rounds }: EnginesCounts): Promise<Measured> {
  const stories: Story[] = []
  for (let round = 0; round < rounds; round++) stories.push(await work(steps))
  const seconds = median(stories.map((story) => story.seconds))
  // Scripted: every round asks the same.
  const { requests, changed } = stories[0] as Story
  const asked = requests.filter(({ usage }) => usage)
  const usage = asked
    .map(({ usage, body: { model } }): Usage => (usage ? usageOf(usage, priceOf(model)) : noUsage))
    .reduce(addUsage, noUsage)
  const sent = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  return {
    ...{ requests: asked.length, sent, written: usage.outputTokens, costUsd: usage.costUsd, seconds, changed },
    cacheShare: (100 * usage.cacheReadTokens) / sent,
  }
}

function linesOf({ machine, model, steps, workers: measured }: EnginesOutcome, { quick }: Look): string[] {
  const rows = Object.entries(measured).map(([name, one]) =>
    'absent' in one
      ? [name, one.absent]
      : [
          name,
          one.requests,
          one.sent,
          `${one.cacheShare} %`,
          one.written,
          `$${one.costUsd}`,
          one.seconds,
          `${one.changed}/${steps}`,
        ],
  )
  return [
    machineLine(machine),
    `${steps} files, ${model}, scripted.${quick ? ' QUICK: no numbers to keep.' : ''}`,
    '',
    ...columns([['by', 'requests', 'tokens sent', 'from cache', 'written', 'cost', 'seconds', 'mended'], ...rows]),
  ]
}

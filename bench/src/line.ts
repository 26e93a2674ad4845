/** `line`: what the line itself costs, a whole story through eight durable steps beside a raw chain of eight hops. */
import { type Benchmark, type Look, lookFrom, say, tell } from './benchmark.ts'
import { STEPS } from './line/steps.ts'
import { brokerOnPath, openChain, openLine, type PerStory } from './line/world.ts'
import { type MachineFacts, machineFacts, machineLine } from './machine.ts'
import { columns, median, rounded, roundedAll } from './numbers.ts'
import { type Level, levelOf, type Side, type Slice, slice } from './slices.ts'
import { sumOf } from './usage.ts'

const IN_FLIGHT = [16, 256, 1_000] as const
const FLOOR = 0.25
const GOAL = 0.4

export type LineCounts = {
  inFlight: readonly number[]
  rounds: number
  /** Stories in a slice, for so many in flight. */
  stories(inFlight: number): number
  /** Stories and chains before the clock runs. */
  warmUp: number
}

export const full: LineCounts = { inFlight: IN_FLIGHT, rounds: 5, stories: (n) => Math.max(300, 2 * n), warmUp: 100 }
export const quick: LineCounts = { inFlight: IN_FLIGHT, rounds: 1, stories: (n) => Math.max(64, n), warmUp: 32 }

export type LineOutcome = {
  bench: 'line'
  machine: MachineFacts
  steps: readonly string[]
  perStory: PerStory
  messagesPerChain: number
  /** `ratio<n>`: stories a second over chains a second, the median of the rounds; `ratioPerMessage<n>`: the same of stored messages. */
  ratios: Record<string, number>
  levels: { inFlight: number; ratio: number; rounds: number[]; stories: Level; chains: Level }[]
}

export const line: Benchmark = {
  name: 'line',
  summary: 'what the line itself costs: stories beside raw 8-hop JetStream chains',
  usage: `npm run bench -- line [--quick] [--json]
  A story with eight durable steps and no model, from submitted to shipped through every gate (the real orchestrator, the real loop of
  a role), beside a raw chain of eight hops with the same publisher, in turns, at ${IN_FLIGHT.join(', ')} in flight. Floor ${FLOOR}, goal ${GOAL}.`,
  async run(args) {
    const look = lookFrom(args)
    const outcome = await measureLine(look.quick ? quick : full)
    tell(look, { ...outcome, ...outcome.ratios, floor: FLOOR, goal: GOAL }, linesOf(outcome, look))
    return 0
  },
}

export async function measureLine(counts: LineCounts): Promise<LineOutcome> {
  const machine = await machineFacts()
  await brokerOnPath()
  await using stories = await openLine()
  await stories.many.run(counts.warmUp, 16)
  const { eventBytes } = await stories.perStory()
  await using chains = await openChain(eventBytes)
  await chains.many.run(counts.warmUp, 16)

  const levels: LineOutcome['levels'] = []
  for (const inFlight of counts.inFlight) levels.push(await inTurns(stories, chains, counts, inFlight))
  const [perStory, messagesPerChain] = [await stories.perStory(), await chains.perChain()]
  const each = Object.values(perStory.messages).reduce((sum, n) => sum + n, 0) / messagesPerChain
  return roundedAll({
    ...{ bench: 'line' as const, machine, steps: STEPS, perStory, messagesPerChain },
    ratios: Object.fromEntries(
      levels.flatMap(({ inFlight, ratio }) => [
        [`ratio${inFlight}`, ratio],
        [`ratioPerMessage${inFlight}`, ratio * each],
      ]),
    ),
    levels,
  })
}

/** A chain is over sooner: more of them make slices of like length. */
const CHAINS_FOR_A_STORY = 4

async function inTurns(stories: Side, chains: Side, counts: LineCounts, inFlight: number) {
  const [ofStories, ofChains]: [Slice[], Slice[]] = [[], []]
  for (let round = 0; round < counts.rounds; round++) {
    const total = counts.stories(inFlight)
    ofStories.push(await slice(stories, total, inFlight))
    ofChains.push(await slice(chains, total * CHAINS_FOR_A_STORY, inFlight))
    say(`${inFlight} in flight, round ${round + 1}: ${perSecond(ofStories)} stories/s, ${perSecond(ofChains)} chains/s`)
  }
  const rounds = ofStories.map((s, i) => s.perSecond / (ofChains[i]?.perSecond ?? Number.NaN))
  const levels = { stories: await levelOf(stories, ofStories), chains: await levelOf(chains, ofChains) }
  return { inFlight, ratio: median(rounds), rounds, ...levels }
}

const perSecond = (slices: readonly Slice[]): number => rounded(slices.at(-1)?.perSecond ?? 0)

function linesOf(
  { machine, steps, perStory, messagesPerChain, ratios, levels }: LineOutcome,
  { quick }: Look,
): string[] {
  const { messages, eventBytes } = perStory
  const cpu = (level: Level) =>
    Object.entries(level.cpuMs)
      .map(([name, ms]) => `${name} ${ms}`)
      .join(', ')
  return [
    machineLine(machine),
    `A story: ${steps.length} steps (${steps.join(', ')}), ${messages.STORY} events of ${eventBytes} bytes on STORY, ${messages.RUN} journal entries, ${messages.leases} leases.`,
    `A chain: 8 hops, ${messagesPerChain} messages of that size.${quick ? ' QUICK: no numbers to keep.' : ''}`,
    '',
    ...columns([
      ['in flight', 'ratio', 'per message', 'stories/s', 'chains/s', 'CPU ms/story', 'CPU ms/chain', 'line MB'],
      ...levels.map(({ inFlight, ratio, stories, chains }) => [
        ...[
          inFlight,
          ratio,
          ratios[`ratioPerMessage${inFlight}`] ?? '',
          stories.perSecond,
          chains.perSecond,
          stories.cpuMsEach,
          chains.cpuMsEach,
        ],
        rounded(sumOf(stories.pssMb)),
      ]),
    ]),
    '',
    ...levels.map(({ inFlight, stories }) => `CPU ms per story at ${inFlight}: ${cpu(stories)}`),
    `Floor ${FLOOR}, goal ${GOAL} of the chain's rate.`,
  ]
}

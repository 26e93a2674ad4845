/** `peers`: the same eight steps on other engines that survive a kill, beside the line, in one run. */
import { type Benchmark, type Look, lookFrom, say, tell } from './benchmark.ts'
import { brokerOnPath, openLine } from './line/world.ts'
import { full, type LineCounts, quick } from './line.ts'
import { type MachineFacts, machineFacts, machineLine } from './machine.ts'
import { columns, median, rounded, roundedAll } from './numbers.ts'
import { BULLMQ, openBullMQ } from './peers/bullmq.ts'
import { openRestate, RESTATE } from './peers/restate.ts'
import { type Level, levelOf, type Side, type Slice, slice } from './slices.ts'

type Peer = { name: string; what: string; goal: string; open(padding: string): Promise<Side & AsyncDisposable> }

export const peerList: readonly Peer[] = [
  {
    name: 'bullmq',
    what: `${BULLMQ.join(', ')}, a flow of eight jobs, redis with an append-only file flushed each second`,
    goal: 'line ÷ peer ≥ 2 (3), CPU ≤ 0.6 (0.4)',
    open: openBullMQ,
  },
  {
    name: 'restate',
    what: `${RESTATE.join(', ')}, one invocation of eight ctx.run steps, defaults`,
    goal: 'line ÷ peer ≥ 2.5 (4)',
    open: openRestate,
  },
]

export type PeersOutcome = {
  bench: 'peers'
  machine: MachineFacts
  peers: Record<string, { what: string; absent?: string; levels: Compared[] }>
}
export type Compared = {
  inFlight: number
  /** Stories a second of the line over those of the peer; CPU of a story on the line over that on the peer. */
  ratio: number
  cpuRatio: number
  line: Level
  peer: Level
}

export const peers: Benchmark = {
  name: 'peers',
  summary: 'the same eight steps on BullMQ and Restate, beside the line',
  usage: `npm run bench -- peers [--quick] [--json]
  The line of \`line\` beside BullMQ and Restate on the same eight steps, in turns: line ÷ peer, stories a second and CPU a story.
  Both are fetched into the cache when first asked for; what cannot be fetched is said to be absent, and the rest runs.`,
  async run(args) {
    const look = lookFrom(args)
    const outcome = await measurePeers(look.quick ? quick : { ...full, rounds: 3 })
    tell(look, outcome, linesOf(outcome, look))
    return 0
  },
}

export async function measurePeers(counts: LineCounts, which = peerList): Promise<PeersOutcome> {
  const machine = await machineFacts()
  await brokerOnPath()
  await using line = await openLine()
  await line.many.run(counts.warmUp, 16)
  const { eventBytes } = await line.perStory()
  const found: PeersOutcome['peers'] = {}
  for (const peer of which) found[peer.name] = await beside(line, peer, counts, eventBytes)
  return roundedAll({ bench: 'peers' as const, machine, peers: found })
}

async function beside(line: Side, peer: Peer, counts: LineCounts, bytes: number) {
  const levels: Compared[] = []
  try {
    await using side = await peer.open('x'.repeat(bytes))
    await side.many.run(counts.warmUp, 16)
    for (const inFlight of counts.inFlight)
      levels.push(await inTurns(line, side, { ...counts, name: peer.name }, inFlight))
    return { what: peer.what, levels }
  } catch (error) {
    const absent = error instanceof Error ? error.message : String(error)
    say(`${peer.name}: ${absent}`)
    return { what: peer.what, absent, levels }
  }
}

async function inTurns(
  line: Side,
  peer: Side,
  counts: LineCounts & { name: string },
  inFlight: number,
): Promise<Compared> {
  const [ofLine, ofPeer]: [Slice[], Slice[]] = [[], []]
  const total = counts.stories(inFlight)
  for (let round = 0; round < counts.rounds; round++) {
    ofLine.push(await slice(line, total, inFlight))
    ofPeer.push(await slice(peer, total, inFlight))
    const [ours, theirs] = [ofLine, ofPeer].map((slices) => rounded(slices.at(-1)?.perSecond ?? 0))
    say(`${inFlight} in flight, round ${round + 1}: line ${ours}/s, ${counts.name} ${theirs}/s`)
  }
  const [ours, theirs] = [await levelOf(line, ofLine), await levelOf(peer, ofPeer)]
  const ratio = median(ofLine.map((s, i) => s.perSecond / (ofPeer[i]?.perSecond ?? Number.NaN)))
  return { inFlight, ratio, cpuRatio: ours.cpuMsEach / theirs.cpuMsEach, line: ours, peer: theirs }
}

function linesOf({ machine, peers: found }: PeersOutcome, { quick }: Look): string[] {
  return [
    machineLine(machine),
    ...(quick ? ['QUICK: no numbers to keep.'] : []),
    ...Object.entries(found).flatMap(([name, { what, absent, levels }]) => [
      '',
      `${name}: ${what}`,
      ...(absent ? [`  absent: ${absent}`] : []),
      ...columns([
        ['  in flight', 'line ÷ peer', 'line/s', 'peer/s', 'CPU line ÷ peer', 'line ms', 'peer ms'],
        ...levels.map(({ inFlight, ratio, cpuRatio, line, peer }) => [
          ...[`  ${inFlight}`, ratio, line.perSecond, peer.perSecond, cpuRatio, line.cpuMsEach, peer.cpuMsEach],
        ]),
      ]),
      `  goal: ${peerList.find((peer) => peer.name === name)?.goal}`,
    ]),
  ]
}

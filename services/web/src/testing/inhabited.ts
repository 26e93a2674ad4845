/** A house in which every route has something to say: supervisor, memory and gateway answer, stories stand where each command fits. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sha256 } from '@sluice/kit/artifacts.ts'
import { onScreenAsked, openHearing } from '@sluice/kit/ctl.ts'
import { patchId, treeOf } from '@sluice/kit/diff.ts'
import { MEMORY_SEARCH, MEMORY_SHOW, MEMORY_STATE } from '@sluice/kit/memory.ts'
import * as sample from '../contracts/samples.ts'
import { ask, buildPaused, finding, scopeFailed, scopePaused } from './sayings.ts'
import { toBuild, toGate, type World } from './world.ts'

/** A gateway that answers for its ledger and its limits. */
export async function ledgerGateway(): Promise<{ url: string } & Disposable> {
  const server = createServer((req, res) =>
    res.end(JSON.stringify(req.url === '/limits' ? sample.limits : [sample.ledgerEntry])),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Supervisor and memory as others on the bus hear them. */
export async function othersAnswer(world: World): Promise<void> {
  const [supervisor, memory] = [await world.bus('supervisor'), await world.bus('memory')]
  const { required: _, ...seat } = sample.seat
  const seats = (asked: { do?: string }) =>
    asked.do === 'list' ? { seats: [seat] } : asked.do === 'remove' ? { removed: seat.seat } : { seat }
  const services = { services: [sample.service] }
  const answers: Record<string, (asked: { do?: string }) => unknown> = {
    'command.services': () => services,
    'command.scale': () => ({ builds: 4, ...services }),
    'command.seats': seats,
    [MEMORY_SEARCH]: () => ({ hits: [sample.memoryHit], files: [] }),
    [MEMORY_SHOW]: () => ({ entry: sample.memoryEntry }),
    [MEMORY_STATE]: () => ({ state: sample.memoryState }),
  }
  for (const [subject, answer] of Object.entries(answers))
    (subject.startsWith('memory') ? memory : supervisor).nc.subscribe(subject, {
      callback: (_, message) => void message.respond(JSON.stringify(answer(message.json() ?? {}))),
    })
  await Promise.all([supervisor.nc.flush(), memory.nc.flush()])
}

/** One story at each place where a person has something to decide. */
export async function storiesToDecide(world: World) {
  const [gated, asking, failed, parked, reviewed] = [
    await world.submit('Keep drafts.'),
    await world.submit('Keep letters.'),
    await world.submit('Keep notes.'),
    await world.submit('Keep lists.'),
    await world.submit('Keep words.'),
  ]
  await toGate(world, gated, 'scope')
  await toGate(world, reviewed, 'review', [finding('f1')])
  const requestOf = async (id: string) => {
    const { submitted } = await world.story(id)
    return world.say(id, ask.scope(submitted, submitted.event))
  }
  const request = await requestOf(asking)
  await world.say(asking, scopePaused(request, { kind: 'questions', questions: [{ id: 'q', text: 'How long?' }] }))
  await world.say(failed, scopeFailed(await requestOf(failed)))
  await world.say(parked, scopeFailed(await requestOf(parked), { parked: true }))
  return { gated, asking: { id: asking, request }, failed, reviewed, built: await builtStory(world) }
}

/** A build in which somebody hears what a person says; it parks when told, and then its worktree is theirs. */
async function builtStory(world: World) {
  const id = await world.submit('Keep tabs.')
  const request = await toBuild(world, id)
  const bus = await world.bus('implementer')
  openHearing(bus, { storyId: id, runId: request }).listen(async () => undefined)
  await bus.nc.flush()
  world.own.editor = ['true']
  const bytes = Buffer.from('a file')
  const file = sha256(bytes)
  await world.ask('PUT', `/artifacts/${file}`, { body: new Uint8Array(bytes) })
  const parks = async (): Promise<string[]> => {
    await world.say(id, buildPaused(request, { kind: 'person', why: 'taken' }))
    while (!(await world.story(id)).hold?.lent) await new Promise((resolve) => setTimeout(resolve, 50))
    return []
  }
  return { id, request, file, parks }
}

/** A story at the review gate whose branch and one checkpoint are really there. */
export async function checkpointed(world: World, text = 'Keep turns.'): Promise<string> {
  const { repo } = world
  const id = await world.submit(text)
  await toGate(world, id, 'review')
  const base = repo.git(['rev-parse', 'HEAD']).trim()
  await repo.write({ 'turned.txt': 'one\n' })
  repo.git(['add', 'turned.txt'])
  const tree = repo.git(['write-tree']).trim()
  repo.git(['rm', '-q', '--cached', 'turned.txt'])
  const commit = repo
    .git(['commit-tree', tree, '-p', base, '-m', `Turn 1: write turned.txt\n\nTip: ${base}\nTurn: 1`])
    .trim()
  repo.git(['update-ref', `refs/sluice/${id}/run-1/1`, commit])
  repo.git(['update-ref', `refs/heads/sluice/${id}`, base])
  return id
}

/** A run of this story shows a terminal: its screen to whoever asks, and a frame when told. */
export async function terminalOf(world: World, storyId: string) {
  const bus = await world.bus('implementer')
  const { frame, runId } = sample.termEvent
  onScreenAsked(bus, { storyId, runId }, async () => ({ ...frame, screen: true }))
  await bus.nc.flush()
  return { runId, show: () => bus.nc.publish(`term.implementer.${storyId}.${runId}`, JSON.stringify(frame)) }
}

/** A review of a change that is really there is asked of the seat. */
export async function reviewAsked(world: World, seat: string): Promise<void> {
  const { repo } = world
  const base = repo.git(['rev-parse', 'HEAD']).trim()
  const commit = await repo.commit({ 'a.txt': 'one\n' })
  const repository = await repo.open()
  const judged = {
    base,
    commit,
    tree: await treeOf(repository, commit),
    patchId: await patchId(repository, base, commit),
  }
  const { submitted } = await world.story(await world.submit('Keep it.'))
  const said = ask.review(submitted, 'cause-of-the-review')
  const place = { root: repo.root, base: 'main', commit: base }
  await world.say('reviewed', { ...said, data: { ...(said.data as object), repository: place, judged, seats: [seat] } })
}

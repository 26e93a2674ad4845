/** A house for the pictures: the demo's app, and stories that have come to where there is something to see. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoEnv, SCRIPTED_LABEL } from '@sluice/cli/demo-house.ts'
import { openHouse } from '@sluice/cli/house.ts'
import { makeDemoRepository } from '@sluice/demo/repository.ts'
import { followStories } from '../testing/line.ts'
import { shown } from './shown-stories.ts'

/** Eight stories at once on a machine with other things to do. */
const PATIENCE_MS = 15 * 60_000

export type ShownHouse = Awaited<ReturnType<typeof openShownHouse>>
export type ShownIds = Record<keyof typeof shown, string>

export async function openShownHouse(say: (line: string) => void) {
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'slc-pictures-'))
  stack.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))
  const repository = join(dir, 'corkboard')
  await makeDemoRepository(repository)
  const house = stack.use(
    await openHouse({
      ...{ dataDir: join(dir, 'data'), repository, demo: true, implementers: 2, env: demoEnv() },
      demoStories: Object.values(shown).map(({ requirements: { title }, text }) => ({ title, text })),
      scripted: { program: 'test/src/screenshots/model.ts', args: [], label: SCRIPTED_LABEL },
    }),
  )
  await house.ready
  const told = stack.use(await followStories(join(dir, 'data'), house, { patienceMs: PATIENCE_MS }))
  const things = stack.move()

  /** Every story to its place; resolves when all stand there. */
  async function play(): Promise<ShownIds> {
    const submitted = Object.entries(shown).map(async ([name, story]) => {
      const more = name === 'poor' ? { budgetUsd: 0.2 } : {}
      return [name, await told.submit(story, more)] as const
    })
    const ids = Object.fromEntries(await Promise.all(submitted)) as ShownIds
    say('stories submitted')
    await Promise.all([
      told.gate(ids.scoped, 'scope'),
      told.paused(ids.asking),
      told.toGate(ids.designed, 'design'),
      told.ship(ids.shipped).then(() => say('one shipped')),
      told.toGate(ids.reviewed, 'review').then(() => say('one reviewed')),
      told.toGate(ids.unmended, 'review').then(() => say('one not mended')),
      toThePlan(ids.failed).then(() => say('one failed')),
      throughTheMoney(ids.poor).then(() => say('one without money')),
    ])
    return ids
  }

  async function toThePlan(id: string): Promise<void> {
    await told.approve(id, await told.gate(id, 'scope'))
    await told.approve(id, await told.gate(id, 'design'))
    await told.when(id, ({ steps }) => steps.architecture.at === 'failed')
  }

  /** Approves until the money is used up. */
  async function throughTheMoney(id: string): Promise<void> {
    for (;;) {
      const next = await told.when(id, ({ gate, steps }) => gate ?? Object.values(steps).find(isOutOfMoney))
      if (!('gate' in next)) return
      await told.approve(id, next)
      await told.when(id, ({ gate }) => gate?.event !== next.event)
    }
  }

  return { ...{ house, told, play }, [Symbol.asyncDispose]: () => things.disposeAsync() }
}

const isOutOfMoney = (step: { at: string; waiting?: { kind: string } }): boolean =>
  step.at === 'paused' && step.waiting?.kind === 'budget'

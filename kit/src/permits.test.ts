/** What a person notices of permissions: asked once, whoever answers first counts, nobody waits for ever, and all of it is in the run. */
import { expect, test } from 'vitest'
import { Pause } from './errors.ts'
import { openPermits, type PermissionRules, type WantedCall } from './permits.ts'
import { memoryRun } from './testing/memory-run.ts'

const publish: WantedCall = {
  tool: 'Bash',
  kind: 'execute',
  title: 'npm publish',
  input: { command: 'npm publish', a: 1 },
}
const never = new AbortController().signal

function world(rules: Partial<PermissionRules> = {}, run = memoryRun()) {
  const permits = openPermits(run, { policy: 'ask', waitMs: 60_000, decided: [], ...rules })
  const notes = () =>
    run.log.map(
      ({ data }) => data as { state: string; permission: { id: string; key: string }; by?: string; allow?: boolean },
    )
  return { permits, run, notes }
}

const asked = (notes: () => { state: string; permission: { id: string; key: string } }[]) =>
  expect.poll(() => notes().find(({ state }) => state === 'asked')).toBeTruthy()

test.for([
  ['all', 'execute', true],
  ['all', 'edit', true],
  ['edits', 'edit', true],
  ['edits', 'execute', false],
  ['ask', 'edit', false],
  ['ask', 'read', true],
] as const)('%s: what is to %s goes ahead: %s', ([policy, kind, ahead]) => {
  expect(world({ policy }).permits.byPolicy({ ...publish, kind })).toBe(ahead)
})

test('the person is asked, and their answer is in the run with who gave it', async () => {
  const { permits, notes } = world()
  const deciding = permits.ask(publish, never)
  await asked(notes)
  const { id } = notes()[0]?.permission ?? { id: '' }

  const heard = permits.decide(id, { allow: false, by: 'person', reason: 'Not yet.' })

  expect(heard).toBe(true)
  expect(await deciding).toMatchObject({ allow: false, reason: 'Not yet.' })
  expect(notes()[1]).toMatchObject({ state: 'decided', allow: false, by: 'person' })
  expect(permits.decide(id, { allow: true, by: 'person' })).toBe(false)
})

test('whoever answers at the terminal first has answered', async () => {
  const { permits, notes } = world()
  const deciding = permits.ask(publish, never)
  await asked(notes)

  permits.seen(publish, true)

  expect(await deciding).toMatchObject({ allow: true, by: 'terminal' })
})

test('when nobody answers the run is parked with what is open', async () => {
  const { permits } = world({ waitMs: 20 })

  const parked = await permits.ask(publish, never).catch((error: unknown) => error)

  expect(parked).toBeInstanceOf(Pause)
  expect((parked as Pause).waiting).toMatchObject({
    kind: 'permission',
    permissions: [{ tool: 'Bash', title: 'npm publish', detail: expect.stringContaining('npm publish') }],
  })
})

test('what was answered while the run was parked counts once; what counts for the story counts in every run of it', async () => {
  const { permits: first, notes } = world({ waitMs: 20 })
  await first.ask(publish, never).catch(() => undefined)
  const { id, key } = notes()[0]?.permission ?? { id: '', key: '' }

  const { permits: again } = world({ waitMs: 20, decided: [{ id, key, allow: true }] })
  const { permits: another } = world({ waitMs: 20, decided: [{ id, key, allow: true, forStory: true }] })

  expect(await again.ask(publish, never)).toMatchObject({ allow: true, by: 'person' })
  await expect(again.ask(publish, never)).rejects.toBeInstanceOf(Pause)
  expect(await another.ask(publish, never)).toMatchObject({ allow: true, by: 'story' })
  expect(await another.ask({ ...publish, input: { a: 1, command: 'npm publish' } }, never)).toMatchObject({
    by: 'story',
  })
})

test('a run that stops asks no more', async () => {
  const { permits, notes } = world()
  const stop = new AbortController()
  const deciding = permits.ask(publish, stop.signal)
  await asked(notes)

  stop.abort(new Error('stopping'))

  await expect(deciding).rejects.toThrow('stopping')
})

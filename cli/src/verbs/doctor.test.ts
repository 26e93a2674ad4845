/** `doctor` on machines that lack something. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bareMachine } from '@sluice/kit/testing/bare-machine.ts'
import { expect, test } from 'vitest'
import { key, roomFor } from '../doctor/places.ts'
import { broker, browser, git, identity, jail, node } from '../doctor/programs.ts'
import { sluice } from '../testing/run.ts'

test('with a bare PATH it says that git is missing and how to get it, and ends with 1', async () => {
  await using bare = await bareMachine()
  const env = {
    PATH: bare.bin,
    HOME: bare.root,
    SLUICE_DATA: join(bare.root, 'data'),
    SLUICE_CACHE: join(bare.root, 'cache'),
  }

  const { code, stdout } = await sluice(['doctor'], { env })

  expect(code).toBe(1)
  expect(stdout).toMatch(/✗ git +There is no git on PATH\.\n +Install git 2\.38 or newer/)
})

test('--json is one document with a state for each, also when something is missing', async () => {
  const data = await mkdtemp(join(tmpdir(), 'slc-cli-'))

  const { code, stdout } = await sluice(['doctor', '--json'], { data })
  await rm(data, { recursive: true })

  const { ok, checks } = JSON.parse(stdout)
  expect({ ok, code }).toEqual({ ok: true, code: 0 })
  expect(checks.map(({ name }: { name: string }) => name)).toEqual([
    ...['node', 'git', 'git identity', 'broker', 'jail', 'browser'],
    ...['key', 'data directory', 'disk space', 'ports', 'running'],
  ])
})

test('a data directory that cannot be written is missing, with the mend', async () => {
  const { code, stdout } = await sluice(['doctor', '--json'], { data: '/dev/null/sluice' })

  expect(code).toBe(1)
  expect(JSON.parse(stdout).checks).toContainEqual({
    name: 'data directory',
    state: 'missing',
    says: expect.stringMatching(/^\/dev\/null\/sluice cannot be written \(ENOTDIR/),
    mend: 'Set SLUICE_DATA to a directory you may write.',
  })
})

test('what only some stories need is a warning', async () => {
  await using bare = await bareMachine()
  await bare.put('git', 'exit 1')

  const looked = [await identity(bare.machine), key({}), await browser(bare.machine), await jail(bare.machine)]

  expect(looked.map(({ state, mend }) => [state, mend !== null])).toEqual(looked.map(() => ['warning', true]))
})

test('without a broker nothing starts', async () => {
  await using bare = await bareMachine()

  expect(await broker(bare.machine)).toMatchObject({ state: 'missing', mend: expect.stringContaining('nats-server') })
})

test.for([
  ['git version 2.37.9', 'missing'],
  ['git version 2.38.0', 'ok'],
  ['git version 3.1', 'ok'],
] as const)('%s is %s', async ([version, state]) => {
  await using bare = await bareMachine()
  await bare.put('git', `echo "${version}"`)

  expect((await git(bare.machine)).state).toBe(state)
})

test('node below 24 is too old', () => {
  expect([node('23.9.0').state, node('24.0.0').state]).toEqual(['missing', 'ok'])
})

test.for([
  [100e6, 'missing'],
  [1e9, 'warning'],
  [5e9, 'ok'],
] as const)('%d bytes free are %s', ([free, state]) => {
  expect(roomFor(free, '/data').state).toBe(state)
})

/** `doctor` on machines that lack something. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bareMachine } from '@sluice/kit/testing/bare-machine.ts'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { testRepository } from '@sluice/kit/testing/repository.ts'
import { expect, test } from 'vitest'
import { limits, memoryFor } from '../doctor/machine.ts'
import { models } from '../doctor/online.ts'
import { isWindowsDrive, key, roomFor, settings, telemetry } from '../doctor/places.ts'
import { broker, browser, git, identity, jail, node } from '../doctor/programs.ts'
import { repository } from '../doctor/repository.ts'
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
    ...['settings', 'key', 'data directory', 'disk space', 'memory', 'limits', 'ports', 'telemetry', 'running'],
    ...['engine anthropic', 'engine claude-code'],
    'roles',
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

test.for([
  [0.5e9, 'warning'],
  [2e9, 'warning'],
  [8e9, 'ok'],
] as const)('%d bytes of memory free are %s', ([free, state]) => {
  expect(memoryFor(free, 16e9, 2).state).toBe(state)
})

const limited = (files: string, processes: string) =>
  `Max processes             7        ${processes}     processes\nMax open files            1024     ${files}     files\n`

test.for([
  ['1024', 'unlimited', /may open 1024 files/],
  ['1048576', '512', /may run 512 processes/],
  ['1048576', 'unlimited', /enough/],
] as const)('%s open files and %s processes at most', async ([files, processes, says]) => {
  expect((await limits(limited(files, processes))).says).toMatch(says)
})

test('a setting that is misspelt, a key with a blank in it and an endpoint that is none are told', async () => {
  await using bare = await bareMachine()
  const file = join(bare.root, 'config.yaml')
  await writeFile(file, 'bugdet: { usd: 5 }\n')

  expect(await settings(file)).toMatchObject({ state: 'missing', says: expect.stringContaining('`bugdet`') })
  expect(key({ ANTHROPIC_API_KEY: 'sk-ant-x\n' })).toMatchObject({ state: 'warning' })
  expect(JSON.stringify(key({ ANTHROPIC_API_KEY: 'sk-ant-secret' }))).not.toContain('secret')
  expect(telemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' })).toMatchObject({ state: 'warning' })
})

test('--repo looks at that repository: where its stories land, who commits there, what checks them', async () => {
  await using there = await testRepository()
  await there.commit({ 'package.json': '{"scripts":{"test":"node --test"}}', 'package-lock.json': '{}' })
  const found = await repository(there.root, process.env)

  expect(found.map(({ name, state }) => [name, state])).toEqual([
    ...[
      ['repository', 'ok'],
      ['git identity', 'ok'],
      ['checks', 'ok'],
    ],
  ])
  expect(found[2]?.says).toContain('test (')
  expect(await repository('/nowhere', process.env)).toMatchObject([{ name: 'repository', state: 'missing' }])
})

test('a repository without checks is worth a warning before money is spent', async () => {
  await using there = await testRepository()
  await there.commit({ 'greeting.txt': 'Hello\n' })

  expect((await repository(there.root, process.env))[2]).toMatchObject({ name: 'checks', state: 'warning' })
})

test('--online asks whether the key holds and the model is there', async () => {
  await using api = await startMessagesApi({ model: () => ({ content: [] }) })
  const env = { ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: 'sk-ant-scripted' }

  expect(await models(env, 'claude-opus-5-5')).toMatchObject({ state: 'ok' })
  expect(await models(env, 'claude-of-nowhere')).toMatchObject({
    state: 'warning',
    says: expect.stringContaining('list'),
  })
  expect(await models({ ...env, ANTHROPIC_API_KEY: '' }, 'claude-opus-5-5')).toMatchObject({ state: 'warning' })
  await using strict = await answering(401)
  expect(await models({ ...env, ANTHROPIC_BASE_URL: strict.url }, 'm')).toMatchObject({
    says: expect.stringContaining('does not take the key'),
  })
  expect(await models({ ...env, ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' }, 'm')).toMatchObject({ state: 'warning' })
})

async function answering(status: number) {
  const server = createServer((_, reply) => void reply.writeHead(status).end('{}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')),
  }
}

test('data on a drive of Windows is seen in WSL2, and only there', () => {
  const wsl = { WSL_DISTRO_NAME: 'Debian' }

  expect(isWindowsDrive('/mnt/c/Users/me/sluice', wsl)).toBe(true)
  expect(isWindowsDrive('/home/me/sluice', wsl)).toBe(false)
  expect(isWindowsDrive('/mnt/c/sluice', {})).toBe(false)
})

/** One process that is kept running: how it comes back, how it is believed, how it is stopped. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { type Child, keepRunning, nextWait } from './child.ts'

const dir = mkdtempSync(join(tmpdir(), 'slc-child-'))
let made = 0

/** A child that runs this script in Node; it is ready when it says so. */
function run(script: string): Child & AsyncDisposable & { logFile: string } {
  const logFile = join(dir, `${++made}.log`)
  const child = keepRunning({
    ...{ name: 'example', replica: '1', argv: [process.execPath, '-e', script], env: {}, logFile },
    isReady: ({ said }) => said === 'ready',
    onChange: () => undefined,
  })
  return { ...child, logFile, [Symbol.asyncDispose]: () => child.stop(0) }
}

const say = (msg: string, more: object = {}) =>
  `console.error(${JSON.stringify(JSON.stringify({ level: 30, msg, ...more }))});`
const stay = 'setInterval(() => undefined, 1000);'

test('it is up when it says so, not when it is started', async () => {
  await using child = run(`setTimeout(() => { ${say('ready')} }, 100); ${stay}`)
  expect(child.view().state).toBe('starting')

  await child.ready

  expect(child.view()).toMatchObject({ state: 'running', restarts: 0, lastError: null })
})

test('one that breaks is started again, and its last words are kept', async () => {
  await using child = run(`${say('ready')} setTimeout(() => { throw new TypeError('lost it') }, 50)`)
  await child.ready

  await vi.waitUntil(() => child.view().restarts > 0, 10_000)

  expect(child.view().lastError).toBe('TypeError: lost it')
})

test('one that says again and again that it cannot start is stopped, with its sentence', async () => {
  await using child = run(`${say('The port is taken. Choose another.', { level: 60 })} process.exitCode = 1`)

  await expect(child.ready).rejects.toThrow('example cannot start. The port is taken. Choose another.')

  expect(child.view()).toMatchObject({ state: 'stopped', restarts: 2, pid: null })
})

test('one that cannot even be executed is no endless wait', async () => {
  const child = keepRunning({
    ...{ name: 'example', replica: '1', argv: [join(dir, 'nowhere')], env: {}, logFile: join(dir, 'nowhere.log') },
    ...{ isReady: () => false, onChange: () => undefined },
  })

  await expect(child.ready).rejects.toThrow(/example cannot start\. .*ENOENT/)

  await child.stop(0)
})

test('one that does not leave when it is asked to is killed', async () => {
  const child = run(`process.on('SIGTERM', () => undefined); ${say('ready')} ${stay}`)
  await child.ready
  const ref = child.ref()

  await child.stop(100)

  expect(ref).not.toBeNull()
  expect(() => process.kill(ref?.pid ?? 0, 0)).toThrow('ESRCH')
  expect(child.view()).toMatchObject({ state: 'stopped', restarts: 0 })
})

test('how much it has in hand is what it said last', async () => {
  await using child = run(`${say('took', { busy: 2 })} ${say('left', { busy: 1 })} ${say('ready')} ${stay}`)

  await child.ready

  expect(child.view().busy).toBe(1)
})

test('all it writes is in its log', async () => {
  const child = run(`console.log('out'); ${say('ready')} ${stay}`)
  await child.ready
  await child.stop(1_000)

  const log = readFileSync(child.logFile, 'utf8')

  expect(log).toContain('out\n')
  expect(log).toContain('"msg":"ready"')
})

test('it waits longer for one that does not last, and briefly again for one that did', () => {
  const short = { healthyMs: 50 }

  expect([0, 200, 400, 20_000, 30_000].map((waited) => nextWait(waited, short))).toEqual([
    200, 400, 800, 30_000, 30_000,
  ])
  expect(nextWait(200, { healthyMs: 2_500 })).toBe(200)
  expect(nextWait(6_400, { healthyMs: 50_000 })).toBe(12_800)
  expect(nextWait(30_000, { healthyMs: 61_000 })).toBe(200)
})

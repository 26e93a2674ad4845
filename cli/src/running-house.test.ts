/** Which Sluice a command speaks to, and what it says when there is none. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pick } from './running-house.ts'
import { sluice } from './testing/run.ts'
import { startWeb, writeHouse } from './testing/web.ts'

const demo = { which: 'demo', root: '/demo' } as const
const work = { which: 'work', root: '/work' } as const

test.for([
  ['the one whose repository we stand in', { asked: null, here: '/demo/src' }, demo],
  ['work, standing elsewhere', { asked: null, here: '/demolition' }, work],
  ['the one that was asked for', { asked: 'demo', here: '/work' }, demo],
] as const)('of two it is %s', ([, choice, expected]) => {
  expect(pick([demo, work], choice)).toBe(expected)
})

test('the only one that runs is found from anywhere', () => {
  expect(pick([demo], { asked: null, here: '/' })).toBe(demo)
})

test('none: one sentence, how to start one, exit code 1', async () => {
  await using dir = await emptyDir()

  const { code, stderr } = await sluice(['story', 'list'], { data: dir.path })

  expect(code).toBe(1)
  expect(stderr).toBe(`sluice: No Sluice runs (looked in ${dir.path}). Start it with \`npm start\` or \`sluice up\`.\n`)
})

test('one whose process is gone counts as none, also when another has its number now', async () => {
  await using web = await startWeb()
  await writeHouse(web.data, { origin: web.origin, start: 'at another time' })

  const { code, stderr } = await sluice(['story', 'list'], { data: web.data })

  expect(code).toBe(1)
  expect(stderr).toContain('No Sluice runs')
})

test('--work passes over the demo that runs', async () => {
  await using web = await startWeb()

  const { code, stderr } = await sluice(['story', 'list', '--work'], { data: web.data })

  expect(code).toBe(1)
  expect(stderr).toContain('No Sluice runs for work')
  expect(stderr).toContain('sluice up --repo PATH')
})

test('a token of another run is refused with what to do', async () => {
  await using web = await startWeb()
  await writeHouse(web.data, { origin: web.origin, token: 'stale' })

  const { code, stderr } = await sluice(['story', 'list'], { data: web.data })

  expect(code).toBe(1)
  expect(stderr).toBe('sluice: This is not your session. Take the token of this run.\n')
})

test('a page that does not answer is one sentence', async () => {
  await using web = await startWeb()
  await web.close()

  const { code, stderr } = await sluice(['story', 'list'], { data: web.data })

  expect(code).toBe(1)
  expect(stderr).toContain(`sluice: Sluice does not answer at ${web.origin}.`)
})

async function emptyDir() {
  const path = await mkdtemp(join(tmpdir(), 'slc-cli-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

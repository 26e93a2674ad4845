/** The demo as a machine runs it: without a terminal or a home, one object on stdout, three stories really merged, a seat changing hands meanwhile. */
import { type ChildProcessWithoutNullStreams, execFile, execFileSync, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { toolVariables } from '@sluice/kit/toolchains.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const SLUICE = fileURLToPath(new URL('../../cli/src/sluice.ts', import.meta.url))
const STRANGER = fileURLToPath(new URL('../../examples/reviewers/python/reviewer.py', import.meta.url))
const DEMO_MS = 10 * 60_000

const Printed = z.strictObject({
  ok: z.boolean(),
  stories: z.array(
    z.strictObject({
      ...{ id: z.string(), title: z.string(), status: z.string(), commit: z.string().regex(/^[0-9a-f]{40}$/) },
      ...{ seconds: z.number().positive(), rounds: z.int().positive() },
      usage: z.strictObject({
        ...{ inputTokens: z.int(), cacheReadTokens: z.int(), cacheWriteTokens: z.int(), outputTokens: z.int() },
      }),
    }),
  ),
  events: z.int(),
})

let dir = ''
let ran: { code: number | null; stdout: string; stderr: string }

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slc-test-demo-'))
  const demo = startDemo('--keep')
  const swaps = swapThereAndBack(demo)
  ran = await outcome(demo)
  await swaps
}, DEMO_MS)
afterAll(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))

test('ends with 0 and exactly one object on stdout, of the shape that is promised', () => {
  expect(ran.code, ran.stderr).toBe(0)
  expect(Printed.parse(JSON.parse(ran.stdout))).toMatchObject({
    ok: true,
    stories: [{ status: 'shipped' }, { status: 'shipped' }, { status: 'shipped' }],
  })
})

test('each story is a commit on the main branch of its own', () => {
  const commits = printed().stories.map(({ commit }) => commit)

  expect(new Set(commits).size).toBe(3)
  for (const commit of commits) expect(() => git('merge-base', '--is-ancestor', commit, 'main')).not.toThrow()
  expect(commits).toContain(git('rev-parse', 'main'))
})

test('the planted fault costs its story a second round, and no other', () => {
  expect(printed().stories.map(({ rounds }) => rounds)).toEqual([2, 1, 1])
  expect(ran.stderr).toMatch(/1-search-notes +review\.completed +security +reject, 1 finding/)
})

test('a seat that was given to a stranger and back while reviews were in flight signed each round once', () => {
  const signed = ran.stderr.match(/review\.completed +generic/g)

  expect(signed).toHaveLength(printed().stories.reduce((sum, { rounds }) => sum + rounds, 0))
  expect(ran.stderr).toMatch(/review\.completed +generic +.*, by leftovers\.py/)
})

test('the gates were approved by auto, and by nobody else', () => {
  const approvals = ran.stderr.split('\n').filter((line) => line.includes('gate.approved'))

  expect(approvals).toHaveLength(3 * 4)
  expect(approvals.filter((line) => !line.endsWith('by auto'))).toEqual([])
})

test('the events that were told are the events that are counted', () => {
  const told = ran.stderr.split('\n').filter((line) => /^\d\d:\d\d:\d\d {2}[123]-/.test(line))

  expect(printed().events).toBe(told.length)
})

test("the project's own checks were run on the main branch", () => {
  expect(ran.stderr).toMatch(/main branch: test \(npm test\) passed after/)
})

test('told to stop, it says so, prints its object and leaves nothing', async () => {
  const before = await demoDirs()
  const child = startDemo()
  await once(child.stderr, 'data')

  child.kill('SIGTERM')

  const { code, stdout, stderr } = await outcome(child)
  expect({ code, printed: JSON.parse(stdout) }).toEqual({ code: 1, printed: { ok: false, stories: [], events: 0 } })
  expect(stderr).toContain('sluice: Stopped before its end.')
  expect(await demoDirs()).toEqual(before)
}, 60_000)

const printed = () => Printed.parse(JSON.parse(ran.stdout))

const demoDirs = async () => (await readdir(dir)).filter((name) => name.startsWith('slc-demo-'))

function startDemo(...more: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [SLUICE, 'demo', '--auto', '--json', ...more], { env: demoEnv() })
  child.stdin.end()
  return child
}

/** In another terminal, as a person does it: at the first review the generic seat is given to the example in Python, after that one’s first verdict back. */
async function swapThereAndBack(demo: ChildProcessWithoutNullStreams): Promise<void> {
  let told = ''
  const line = async (pattern: RegExp) => {
    if (pattern.test(told)) return
    for await (const _ of on(demo.stderr, 'data', { close: ['end'] })) if (pattern.test(told)) return
  }
  demo.stderr.on('data', (chunk: Buffer) => {
    told += chunk
  })
  await line(/review\.requested/)
  const [house = ''] = await demoDirs()
  const swap = (...sitting: string[]) =>
    promisify(execFile)(process.execPath, [SLUICE, 'reviewer', 'swap', 'generic', ...sitting], {
      env: { ...demoEnv(), SLUICE_DATA: join(dir, house) },
    })
  await swap('--', 'python3', STRANGER)
  await line(/review\.completed +generic .*, by leftovers\.py/)
  await swap('--builtin', 'generic')
}

async function outcome(child: ChildProcessWithoutNullStreams): Promise<typeof ran> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}

function git(...args: string[]): string {
  const kept = /Kept in (\S+)\.$/m.exec(ran.stderr)?.[1]
  if (!kept) throw new Error(`The demo does not say where it is kept:\n${ran.stderr}`)
  return execFileSync('git', ['-C', join(kept, 'demo', 'demo'), ...args], { encoding: 'utf8', stdio: 'pipe' }).trim()
}

const demoEnv = (): NodeJS.ProcessEnv => ({
  ...{ PATH: process.env.PATH, HOME: '', TMPDIR: dir, SLUICE_DATA: join(dir, 'data') },
  ...fetching(),
})

/** How this machine reaches a package registry, and where it has cached broker, jail and browser. */
function fetching(): NodeJS.ProcessEnv {
  const wanted = (name: string) =>
    toolVariables.includes(name) || /^(https?_proxy|no_proxy|SLUICE_(CACHE|BROWSER)|XDG_CACHE_HOME)$/i.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => wanted(name)))
}

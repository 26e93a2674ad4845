/** With the person's login: their bearer goes on as it is, from this engine alone, and is written down nowhere. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { artifactStore } from '../../artifacts.ts'
import { deaf } from '../../hearing.ts'
import { openLog } from '../../log.ts'
import type { ModelAccess } from '../../model-access.ts'
import { claudeSettings, claudeSubject } from '../../testing/claude-subject.ts'
import { engineWorld, host, PLANTED_TOKEN, Verdict } from '../../testing/engine-world.ts'
import { openWorkshop } from '../../workshop.ts'
import { claudeCodeEngine } from './claude-code.ts'

const BEARER = 'sk-ant-oat01-planted-Login_of-the.person~0123456789/+=='
const subject = claudeSubject()

async function loginWorld(auth: 'login' | 'key') {
  const world = await engineWorld(subject, () => ({ content: [host(subject, 'submit', { verdict: 'good' })] }))
  const credentials = join(world.repo.dir, 'persons-home', '.credentials.json')
  mkdirSync(join(credentials, '..'))
  const oauth = { accessToken: BEARER, refreshToken: 'sk-ant-ort01-planted', expiresAt: Date.now() + 3_600_000 }
  const said = { claudeAiOauth: { ...oauth, scopes: ['user:inference', 'user:profile'], subscriptionType: 'max' } }
  writeFileSync(credentials, JSON.stringify(said), { mode: 0o600 })
  const access: ModelAccess = {
    ...{ url: world.api.url, egressUrl: world.api.url, token: PLANTED_TOKEN, reopen: async () => undefined },
    ...(auth === 'login' ? { login: true } : {}),
    [Symbol.asyncDispose]: async () => undefined,
  }
  const dataDir = join(world.repo.dir, 'data')
  async function attempt(run = world.run()) {
    await using workshop = openWorkshop({ run, jail: world.jail, dataDir, access: async () => access })
    const place = { dir: world.repo.root, ...(await workshop.jailed(world.repo.root)) }
    const log = openLog('test', { write: () => undefined })
    const agent = await claudeCodeEngine({ ...claudeSettings(), auth, credentials }).open({
      ...{ run, access, workshop, hearing: deaf, log, artifacts: artifactStore(join(dataDir, 'artifacts')) },
      choice: { model: 'claude-opus-5-5' },
    })
    const prompt = [{ type: 'text' as const, text: 'Judge notes.txt.' }]
    const task = { system: 'You judge.', prompt, output: Verdict, place, signal: new AbortController().signal }
    return { run, result: await agent.run(task) }
  }
  return { ...world, credentials, dataDir, attempt }
}

test.each([
  [
    'key',
    'a-login',
    { ok: true, version: expect.stringMatching(/^\d+\.\d+\.\d+, by the gateway's key, in a jail \(/) },
  ],
  ['login', 'a-login', { ok: true, version: expect.stringMatching(/, by your login in \S+a-login, in a jail \(/) }],
  [
    'login',
    'no-login',
    { ok: false, problem: expect.stringContaining('There is no login in'), mend: expect.stringContaining('/login') },
  ],
] as const)('the probe says what lets it in and what it works in: %s, %s', async (auth, file, probe) => {
  const dir = mkdtempSync(join(tmpdir(), 'slc-login-'))
  writeFileSync(join(dir, 'a-login'), '{}')

  const probed = await claudeCodeEngine({ ...claudeSettings(), auth, credentials: join(dir, file) }).probe()

  expect(probed).toMatchObject(probe)
  rmSync(dir, { recursive: true })
})

test('a login passes byte for byte and with no key beside it; of it nothing is left', { timeout: 60_000 }, async () => {
  await using world = await loginWorld('login')
  const before = readFileSync(world.credentials, 'utf8')

  const { run, result } = await world.attempt()

  expect(result.output).toEqual({ verdict: 'good' })
  const calls = world.api.requests.filter(({ status }) => status === 200)
  expect(calls.length).toBeGreaterThan(0)
  for (const { headers } of calls) {
    expect(headers.authorization).toBe(`Bearer ${BEARER}`)
    expect(headers['x-api-key']).toBeUndefined()
  }
  expect(readFileSync(world.credentials, 'utf8')).toBe(before)
  expect(JSON.stringify(run.log)).not.toContain(BEARER)
  expect(written(world.dataDir)).not.toContain(BEARER)
})

test('with a key no login is seen, though there is one', { timeout: 60_000 }, async () => {
  await using world = await loginWorld('key')

  await world.attempt()

  for (const { headers } of world.api.requests) expect(headers.authorization).toBe(`Bearer ${PLANTED_TOKEN}`)
  expect(JSON.stringify(world.api.requests)).not.toContain(BEARER)
})

test('where nobody is logged in the run waits for the person', { timeout: 60_000 }, async () => {
  await using world = await loginWorld('login')
  execFileSync('rm', [world.credentials])

  await expect(world.attempt()).rejects.toMatchObject({
    waiting: { kind: 'account', problem: expect.stringContaining('log in') },
  })
})

/** Every byte of the data directory. */
const written = (dir: string): string =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n')

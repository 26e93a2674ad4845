/** Agents of somebody else's as they are: forgetful, without HTTP, asking first, dying in the middle, wanting a login, reaching out of the worktree. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Said } from '@sluice/proto/said.ts'
import { expect, test } from 'vitest'
import { openEar } from '../../ear.ts'
import type { Pause } from '../../errors.ts'
import { deaf, type Hear, type Hearing } from '../../hearing.ts'
import { McpConfig, serversFor } from '../../mcp/config.ts'
import type { PermissionRules } from '../../permits.ts'
import { expectPairs } from '../../testing/engine-contract.ts'
import {
  type EngineSubject,
  type EngineWorld,
  engineWorld,
  killedAfter,
  nextAttempt,
  notesOf,
  type WorldModel,
} from '../../testing/engine-world.ts'
import { processesWith } from '../../testing/jail-world.ts'
import type { MemoryRun } from '../../testing/memory-run.ts'
import { tool, toolResults, usedTool, userText } from '../../testing/messages-script.ts'
import { acpEngine } from './acp.ts'
import { AcpConfig } from './config.ts'

const PROGRAM = fileURLToPath(new URL('../../testing/acp-agent.mjs', import.meta.url))
const SERVER = fileURLToPath(new URL('../../testing/mcp-server.mjs', import.meta.url))

type Extra = { hearing?: Hearing; mcp?: ReturnType<typeof serversFor>; permissions?: PermissionRules }

function agent(
  flags: string[] = [],
  { hearing = deaf, mcp = [], permissions }: Extra = {},
  more: object = {},
): EngineSubject {
  const engine = acpEngine('acp:test', AcpConfig.parse({ command: [process.execPath, PROGRAM, ...flags], ...more }))
  return {
    engine: {
      ...engine,
      async open(options) {
        const ear = await openEar(hearing, { run: options.run, carried: [], park: () => undefined })
        return engine.open({ ...options, hearing: ear, mcp, ...(permissions && { permissions }) })
      },
    },
    hostTool: (name) => `sluice_${name}`,
    write: (path, content) => tool('write', { path, content }),
    shell: (command) => tool('shell', { command }),
    repeats: 1,
  }
}

const submit = tool('sluice_submit', { verdict: 'good' })
const writesThenSubmits: WorldModel = (request) => ({
  content: [usedTool(request, 'write') ? submit : tool('write', { path: 'answer.txt', content: 'forty-two\n' })],
})
const texts = (log: Parameters<typeof notesOf>[0]) => notesOf(log, 'text').map(({ text }) => text ?? '')
const said = (at: EngineWorld) => at.api.requests.map(({ body }) => userText(body))

test('an agent that knows MCP by programs only has the tools of the host all the same', async () => {
  await using at = await engineWorld(agent(['--stdio']), () => ({ content: [submit] }))

  expect((await at.attempt(at.run())).output).toEqual({ verdict: 'good' })
})

test('an agent that asks first is allowed in its jail, once for each call', async () => {
  await using at = await engineWorld(agent(['--asks']), writesThenSubmits)
  const run = at.run()

  await at.attempt(run)

  expect(readFileSync(join(at.repo.root, 'answer.txt'), 'utf8')).toBe('forty-two\n')
  expectPairs(run.log)
})

test('an agent that writes by its client writes beneath the worktree, and nowhere else', async () => {
  const outside = join(tmpdir(), `slc-planted-${process.pid}`)
  await using at = await engineWorld(agent(['--by-client']), (request) => {
    const written = toolResults(request).length
    if (written === 0) return { content: [tool('write', { path: 'answer.txt', content: 'forty-two\n' })] }
    return { content: [written === 1 ? tool('write', { path: outside, content: 'planted' }) : submit] }
  })

  await at.attempt(at.run())

  const last = at.api.requests.at(-1)?.body
  expect(readFileSync(join(at.repo.root, 'answer.txt'), 'utf8')).toBe('forty-two\n')
  expect(existsSync(outside)).toBe(false)
  expect(last && toolResults(last)[1]).toMatchObject({ isError: true, result: expect.stringContaining('leads out') })
})

test('an agent whose program dies is started again and goes on in its session', async () => {
  await using at = await engineWorld(agent(['--dies']), writesThenSubmits)
  const run = at.run()

  const { output } = await at.attempt(run)

  expect(output).toEqual({ verdict: 'good' })
  expect(texts(run.log)).toContain('The agent acp:test ended (7). It said: died on purpose It is started again.')
  expect(said(at).at(-1)).toContain('You were interrupted and go on now.')
  expectPairs(run.log)
})

test('an agent that cannot find its session again is told what was done', async () => {
  await using at = await engineWorld(agent(['--forgetful']), writesThenSubmits)
  const run = at.run()
  const written = (await journalOf(at)).findIndex(
    ({ kind, data }) => kind === 'note' && (data as { state?: string }).state === 'ended',
  )
  await at.attempt(killedAfter(run, written + 1)).catch(() => undefined)

  const { output } = await at.attempt(nextAttempt(at, run))

  expect(output).toEqual({ verdict: 'good' })
  expect(said(at).some((words) => /<interrupted>[\s\S]*- write answer\.txt[\s\S]*git status/.test(words))).toBe(true)
})

async function journalOf(at: EngineWorld) {
  const run = at.run()
  await at.attempt(run)
  return run.log
}

test('what an agent says again of a session it found is not said twice in the journal', async () => {
  await using at = await engineWorld(agent(), (request) => ({
    content: usedTool(request, 'write') ? [submit] : ['First the file.', tool('write', { path: 'a', content: 'b' })],
  }))
  const run = at.run()
  const ended = (await journalOf(at)).findIndex(
    ({ kind, data }) => kind === 'note' && (data as { state?: string }).state === 'ended',
  )
  await at.attempt(killedAfter(run, ended + 1)).catch(() => undefined)
  const again = nextAttempt(at, run)

  await at.attempt(again)

  expect(texts(again.log).filter((text) => text === 'First the file.')).toHaveLength(1)
})

/** A person, in the place of the bus. */
function person(): Hearing & { say: Hear } {
  let hear: Hear | null = null
  return {
    listen(listener) {
      hear = listener
      return {
        settled: async () => undefined,
        [Symbol.dispose]() {
          hear = null
        },
      }
    },
    say: (words: Said) => hear?.(words) ?? Promise.reject(new Error('Nobody listens.')),
  }
}

test('what a person says is in the journal at once, and nothing is handed in past it', async () => {
  const ada = person()
  let spoken = false
  await using at = await engineWorld(agent([], { hearing: ada }), async (request) => {
    if (!spoken) await ada.say({ do: 'steer', text: 'Call it forty-three.' })
    spoken = true
    const heard = JSON.stringify(request.messages).includes('forty-three')
    return { content: [tool('sluice_submit', { verdict: heard ? 'heard' : 'deaf' })] }
  })
  const run = at.run()

  const { output } = await at.attempt(run)

  expect(output).toEqual({ verdict: 'heard' })
  expect(run.log.filter(({ kind }) => kind === 'said')).toHaveLength(1)
})

test('what a person said before a kill is said to the next attempt', async () => {
  const ada = person()
  await using at = await engineWorld(agent([], { hearing: ada }), async (request) => {
    if (JSON.stringify(request.messages).includes('forty-three')) return { content: [submit] }
    await ada.say({ do: 'steer', text: 'Call it forty-three.' }).catch(() => undefined)
    return { content: [tool('shell', { command: 'sleep 0.1' })] }
  })
  const run = at.run()
  await at.attempt(killedAfter(run, 6)).catch(() => undefined)
  expect(run.log.filter(({ kind }) => kind === 'said')).toHaveLength(1)

  const { output } = await at.attempt(nextAttempt(at, run))

  expect(output).toEqual({ verdict: 'good' })
})

test('interrupted, it stops what it does, keeps its session, and hears what is wanted instead', async () => {
  const ada = person()
  const sleep = `sleep 3600.${process.pid}`
  await using at = await engineWorld(agent([], { hearing: ada }), (request) => ({
    content: [userText(request).includes('Rather not.') ? submit : tool('shell', { command: sleep })],
  }))
  const run = at.run()
  const attempt = at.attempt(run)
  await expect.poll(() => processesWith(sleep).length, { timeout: 20_000 }).toBeGreaterThan(0)

  await ada.say({ do: 'interrupt' })
  await ada.say({ do: 'steer', text: 'Rather not.' })

  expect((await attempt).output).toEqual({ verdict: 'good' })
  expect(processesWith(sleep)).toEqual([])
  expectPairs(run.log)
})

test('a pause is made after what it has in hand, and gone on from in the same session', async () => {
  const ada = person()
  await using at = await engineWorld(agent([], { hearing: ada }), async (request) => {
    if (usedTool(request, 'write')) return { content: [submit] }
    await ada.say({ do: 'pause' })
    return { content: [tool('write', { path: 'answer.txt', content: 'forty-two' })] }
  })
  const parked = at.run()
  const paused = await at.attempt(parked).catch((error: unknown) => error)
  const before = at.api.requests.length

  const continued = at.run({ earlier: parked.log })
  const { output } = await at.attempt(continued)

  expect((paused as Pause).waiting).toEqual({ kind: 'person', why: 'paused' })
  expect(existsSync(join(at.repo.root, 'answer.txt'))).toBe(true)
  expect(before).toBe(1)
  expect(output).toEqual({ verdict: 'good' })
  expect(said(at).at(-1)).toContain('You were interrupted and go on now.')
  expectPairs([...parked.log, ...continued.log])
})

type Asked = { state: string; permission: { id: string; key: string }; allow?: boolean; by?: string }
const questions = ({ log }: MemoryRun) => notesOf(log, 'permission') as unknown as Asked[]
const rules = (more: Partial<PermissionRules> = {}): PermissionRules => ({
  ...{ policy: 'ask', waitMs: 60_000, decided: [] },
  ...more,
})

test.each([
  ['allowed', true, true],
  ['not allowed', false, false],
])('a call that is a question to the person is done if it is allowed: %s', async (_, allow, done) => {
  const ada = person()
  await using at = await engineWorld(agent(['--asks'], { hearing: ada, permissions: rules() }), (request) => ({
    content: [toolResults(request).length > 0 ? submit : tool('shell', { command: 'touch made.txt' })],
  }))
  const run = at.run()
  const working = at.attempt(run)
  await expect.poll(() => questions(run).length, { timeout: 20_000 }).toBe(1)
  expect(existsSync(join(at.repo.root, 'made.txt'))).toBe(false)

  await ada.say({ do: 'decide', permission: questions(run)[0]?.permission.id ?? '', allow })

  expect((await working).output).toEqual({ verdict: 'good' })
  expect(existsSync(join(at.repo.root, 'made.txt'))).toBe(done)
  expect(questions(run)[1]).toMatchObject({ state: 'decided', allow, by: 'person' })
  expectPairs(run.log)
})

test('why it was not allowed is told with the next prompt', async () => {
  const ada = person()
  await using at = await engineWorld(agent(['--asks'], { hearing: ada, permissions: rules() }), (request) => {
    if (userText(request).includes('Not before Monday.')) return { content: [submit] }
    return toolResults(request).length > 0 ? 'So I stop.' : { content: [tool('shell', { command: 'touch made.txt' })] }
  })
  const run = at.run()
  const working = at.attempt(run)
  await expect.poll(() => questions(run).length, { timeout: 20_000 }).toBe(1)
  const permission = questions(run)[0]?.permission.id ?? ''

  await ada.say({ do: 'decide', permission, allow: false, reason: 'Not before Monday.' })

  expect((await working).output).toEqual({ verdict: 'good' })
})

test('nobody there, the run is parked; asked again with the answer it goes on in its session', async () => {
  const touches: WorldModel = (request) => {
    const did = toolResults(request).some(({ name, isError }) => name === 'shell' && !isError)
    return { content: [did ? submit : tool('shell', { command: 'echo done > made.txt' })] }
  }
  const subject = (permissions: PermissionRules) => agent(['--asks'], { permissions })
  await using at = await engineWorld(subject(rules({ waitMs: 200 })), touches)
  const parked = at.run()
  const paused = await at.attempt(parked).catch((error: unknown) => error)
  expect((paused as Pause).waiting).toMatchObject({ kind: 'permission' })
  const { id, key } = questions(parked)[0]?.permission ?? { id: '', key: '' }
  at.subject.engine = subject(rules({ decided: [{ id, key, allow: true }] })).engine

  const { output } = await at.attempt(at.run({ earlier: parked.log }))

  expect(output).toEqual({ verdict: 'good' })
  expect(existsSync(join(at.repo.root, 'made.txt'))).toBe(true)
  expect(said(at).at(-1)).toContain('You may do now what you asked for: shell echo done')
})

test('interrupted while it asks, the question is over and nothing was done', async () => {
  const ada = person()
  await using at = await engineWorld(agent(['--asks'], { hearing: ada, permissions: rules() }), (request) => ({
    content: [userText(request).includes('Rather not.') ? submit : tool('shell', { command: 'touch made.txt' })],
  }))
  const run = at.run()
  const working = at.attempt(run)
  await expect.poll(() => questions(run).length, { timeout: 20_000 }).toBe(1)

  await ada.say({ do: 'interrupt' })
  await ada.say({ do: 'steer', text: 'Rather not.' })

  expect((await working).output).toEqual({ verdict: 'good' })
  expect(existsSync(join(at.repo.root, 'made.txt'))).toBe(false)
})

test('MCP servers of the config are the agent’s own, in its jail', async () => {
  const servers = { notes: { command: process.execPath, args: [SERVER], env: { PLANTED: 'from the config' } } }
  const mcp = serversFor(McpConfig.parse({ servers, roles: { role: ['notes'] } }), { role: 'role' })
  await using at = await engineWorld(agent([], { mcp }), (request) => ({
    content: [usedTool(request, 'notes_env') ? submit : tool('notes_env', { at: 'PLANTED' })],
  }))

  await at.attempt(at.run())

  const last = at.api.requests.at(-1)?.body
  expect(last && toolResults(last)[0]?.result).toBe('from the config')
})

test.each([
  ['is not there', ['no-such-agent'], /There is no program no-such-agent\./, /Install it/],
  ['wants a login', [process.execPath, PROGRAM, '--login'], /asks for a login/, /engines\.acp:test\.env/],
  [
    'speaks another version',
    [process.execPath, PROGRAM, '--protocol', '2'],
    /speaks version 2 .* Sluice speaks 1/,
    /command/,
  ],
  [
    'is no agent',
    ['/bin/sh', '-c', 'echo hello; echo no agent >&2; exit 1'],
    /ended \(1\)\. It said: no agent/,
    /command/,
  ],
])('one that %s is told from one that works, before anybody spends time on it', async (_, command, problem, mend) => {
  const probed = await acpEngine('acp:test', AcpConfig.parse({ command })).probe()

  expect(probed).toMatchObject({
    ok: false,
    problem: expect.stringMatching(problem),
    mend: expect.stringMatching(mend),
  })
})

test('without a jail it does not work at all: there is no way for it to a model', async () => {
  const worktree = mkdtempSync(join(tmpdir(), 'slc-acp-'))
  await using at = await engineWorld(agent(), () => ({ content: [submit] }))

  const attempt = at.attempt(at.run(), ({ place }) => ({
    place: { ...place, jail: { kind: 'none', problem: 'A test.' } },
  }))

  await expect(attempt).rejects.toThrow('works in a jail only')
  rmSync(worktree, { recursive: true })
})

test('a variable of the config names the model and the address models are at', async () => {
  const env = { TOLD: '{model} at {url}' }
  await using at = await engineWorld(
    agent([], {}, { env, models: { 'claude-opus-5-5': 'their/opus' } }),
    (request) => ({
      content: [usedTool(request, 'shell') ? submit : tool('shell', { command: 'echo $TOLD' })],
    }),
  )

  await at.attempt(at.run())

  const last = at.api.requests.at(-1)?.body
  expect(last && toolResults(last)[0]?.result).toBe('their/opus at http://127.0.0.1:4141\n')
})

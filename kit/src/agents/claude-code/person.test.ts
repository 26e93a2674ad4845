/** A person and Claude Code: what it may do is asked, words and keys reach it, and it goes on. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Said } from '@sluice/proto/said.ts'
import { expect, test } from 'vitest'
import { artifactStore } from '../../artifacts.ts'
import { Pause } from '../../errors.ts'
import type { Hear, Hearing } from '../../hearing.ts'
import { openLog } from '../../log.ts'
import { McpConfig, type McpServer, serversFor } from '../../mcp/config.ts'
import type { PermissionRules } from '../../permits.ts'
import { claudeSettings, claudeSubject } from '../../testing/claude-subject.ts'
import { engineWorld, host, notesOf, PLANTED_TOKEN, Verdict, type WorldModel } from '../../testing/engine-world.ts'
import { processesWith } from '../../testing/jail-world.ts'
import { tool, toolResults } from '../../testing/messages-script.ts'
import { openWorkshop } from '../../workshop.ts'
import { claudeCodeEngine } from './claude-code.ts'

const subject = claudeSubject()
const good = { content: [host(subject, 'submit', { verdict: 'good' })] }
const timeout = 90_000

/** Its last call was cut off, and it is told that it may now. */
const mayNow = (request: Parameters<WorldModel>[0]) => JSON.stringify(request.messages).includes('You may do now')

/** Touches a file, then hands in; says how the first went. */
const touches: WorldModel = (request) => {
  const tried = toolResults(request).find(({ name, isError }) => name === 'Bash' && (!isError || !mayNow(request)))
  return tried ? good : { content: [subject.shell('touch made.txt')] }
}

type More = { mcp?: readonly McpServer[] }

async function world(model: WorldModel, rules: Partial<PermissionRules> = {}, { mcp = [] }: More = {}) {
  const at = await engineWorld(subject, model)
  let hear: Hear | null = null
  const hearing: Hearing = {
    listen(listener) {
      hear = listener
      return { settled: async () => undefined, [Symbol.dispose]: () => undefined }
    },
  }
  const dataDir = join(at.repo.dir, 'data')
  const artifacts = artifactStore(join(dataDir, 'artifacts'))
  const access = {
    ...{ url: at.api.url, egressUrl: at.api.url, token: PLANTED_TOKEN, reopen: async () => undefined },
    [Symbol.asyncDispose]: async () => undefined,
  }
  async function attempt(run: ReturnType<typeof at.run>, decided: PermissionRules['decided'] = []) {
    await using workshop = openWorkshop({ run, jail: at.jail, dataDir, access: async () => access })
    const place = { dir: at.repo.root, ...(await workshop.jailed(at.repo.root)) }
    const agent = await claudeCodeEngine(claudeSettings()).open({
      ...{ run, access, workshop, hearing, log: openLog('test', { write: () => undefined }) },
      ...{ artifacts, mcp },
      permissions: { policy: 'ask', waitMs: 60_000, decided, ...rules },
      choice: { model: 'claude-opus-5-5' },
    })
    const prompt = [{ type: 'text' as const, text: 'Judge notes.txt.' }]
    return await agent.run({
      system: 'You judge.',
      prompt,
      output: Verdict,
      place,
      signal: new AbortController().signal,
    })
  }
  return {
    ...at,
    ...{ attempt, artifacts },
    made: () => existsSync(join(at.repo.root, 'made.txt')),
    say: (said: Said) => (hear ? hear(said) : Promise.reject(new Error('nobody listens'))),
  }
}

type Asked = { state: string; permission: { id: string; key: string }; by?: string }
const asked = (run: { log: readonly { kind: string; data: unknown }[] }) =>
  run.log.flatMap(({ data }) => ((data as { type?: string }).type === 'permission' ? [data as Asked] : []))

test('what is not allowed by policy is asked, and done once the person allows it', { timeout }, async () => {
  await using at = await world(touches)
  const run = at.run()
  const working = at.attempt(run)
  await expect.poll(() => asked(run).length, { timeout: 40_000 }).toBe(1)
  expect(at.made()).toBe(false)

  await at.say({ do: 'decide', permission: asked(run)[0]?.permission.id ?? '', allow: true })

  expect((await working).output).toEqual({ verdict: 'good' })
  expect(at.made()).toBe(true)
  expect(asked(run)[1]).toMatchObject({ state: 'decided', by: 'person' })
})

test('refused, the agent hears why and nothing was done', { timeout }, async () => {
  await using at = await world(touches)
  const run = at.run()
  const working = at.attempt(run)
  await expect.poll(() => asked(run).length, { timeout: 40_000 }).toBe(1)

  await at.say({ do: 'decide', permission: asked(run)[0]?.permission.id ?? '', allow: false, reason: 'Leave it.' })

  await working
  expect(at.made()).toBe(false)
  const last = at.api.requests.at(-1)?.body
  expect(last && toolResults(last).find(({ name }) => name === 'Bash')).toMatchObject({
    isError: true,
    result: expect.stringContaining('Leave it.'),
  })
  expect(
    notesOf(run.log, 'tool')
      .filter(({ tool }) => tool === 'Bash')
      .map(({ state }) => state),
  ).toEqual(['started', 'ended'])
})

test('answered at its terminal, the question is answered', { timeout }, async () => {
  await using at = await world(touches)
  const run = at.run()
  const working = at.attempt(run)
  await expect.poll(() => asked(run).length, { timeout: 40_000 }).toBe(1)

  // Its box takes a moment to be drawn.
  const answer = async () => {
    if (asked(run).length === 1) await at.say({ do: 'keys', data: '1' })
    return asked(run).length
  }
  await expect.poll(answer, { timeout: 40_000, interval: 1_000 }).toBe(2)

  await working
  expect(at.made()).toBe(true)
  expect(asked(run)[1]).toMatchObject({ state: 'decided', by: 'terminal' })
  expect(notesOf(run.log, 'terminal')[0]?.text).toBe('You have the terminal.')
})

test('nobody there, the run is parked; asked again with the answer it goes on', { timeout: timeout * 2 }, async () => {
  await using at = await world(touches, { waitMs: 1_000 })
  const parked = at.run()
  const waiting = await at.attempt(parked).catch((error: unknown) => error)
  expect(waiting).toBeInstanceOf(Pause)
  expect((waiting as Pause).waiting).toMatchObject({ kind: 'permission' })
  const { id, key } = asked(parked)[0]?.permission ?? { id: '', key: '' }

  const { output } = await at.attempt(at.run({ earlier: parked.log }), [{ id, key, allow: true }])

  expect(output).toEqual({ verdict: 'good' })
  expect(at.made()).toBe(true)
})

test('words reach its conversation while it works', { timeout }, async () => {
  const done = Promise.withResolvers<void>()
  await using at = await world(
    async (request) => {
      const said = JSON.stringify(request.messages).includes('Mind the gap.')
      if (toolResults(request).length === 0) return { content: [subject.shell('sleep 3; echo slept')] }
      await done.promise
      return said ? good : { content: ['I wait.'] }
    },
    { policy: 'all' },
  )
  const run = at.run()
  const working = at.attempt(run)
  await expect.poll(() => notesOf(run.log, 'tool').length, { timeout: 40_000 }).toBe(1)

  await at.say({ do: 'steer', id: 'words-of-the-person', text: 'Mind the gap.' })
  done.resolve()

  expect((await working).output).toEqual({ verdict: 'good' })
  expect(notesOf(run.log, 'in-conversation')).toMatchObject([{ words: 'words-of-the-person' }])
})

test('told to pause it is parked after the tool it runs', { timeout }, async () => {
  await using at = await world(touches, { policy: 'all' })
  const run = at.run()
  const working = at.attempt(run).catch((error: unknown) => error)
  await expect.poll(() => notesOf(run.log, 'tool').length, { timeout: 40_000 }).toBeGreaterThan(0)

  await at.say({ do: 'pause' })

  expect(await working).toMatchObject({ waiting: { kind: 'person', why: 'paused' } })
  expect(at.made()).toBe(true)
})

test('what is attached to words it reads where it works', { timeout }, async () => {
  const done = Promise.withResolvers<void>()
  await using at = await world(
    async (request) => {
      const file = /Attached: (\S+plan\.txt)/.exec(JSON.stringify(request.messages))?.[1]
      if (toolResults(request).length === 0) return { content: [subject.shell('sleep 1; echo slept')] }
      await done.promise
      if (!file) return { content: ['I wait.'] }
      const read = toolResults(request).find(({ result }) => JSON.stringify(result).includes('North first'))
      return read ? good : { content: [tool('Bash', { command: `cat ${file}` })] }
    },
    { policy: 'all' },
  )
  const plan = await at.artifacts.put(Buffer.from('North first.'), { name: 'plan.txt', mediaType: 'text/plain' })
  const run = at.run()
  const working = at.attempt(run)
  await expect.poll(() => notesOf(run.log, 'tool').length, { timeout: 40_000 }).toBe(1)

  await at.say({ do: 'steer', id: 'words', text: 'By the plan.', attachments: [plan] })
  done.resolve()

  expect((await working).output).toEqual({ verdict: 'good' })
})

const SERVER = fileURLToPath(new URL('../../testing/mcp-server.mjs', import.meta.url))

test('MCP servers of the config are its own, in its jail; what they are told is on no command line', {
  timeout,
}, async () => {
  const notes = { command: process.execPath, args: [SERVER], env: { PLANTED: 'from-the-config' } }
  const servers = { notes, gone: { command: 'no-such-server' } }
  const mcp = serversFor(McpConfig.parse({ servers, roles: { role: ['notes', 'gone'] } }), { role: 'role' })
  let seen: number[] = [-1]
  await using at = await world(
    (request) => {
      seen = processesWith('from-the-config')
      const told = toolResults(request).some(({ result }) => JSON.stringify(result).includes('from-the-config'))
      return told ? good : { content: [tool('mcp__notes__env', { at: 'PLANTED' })] }
    },
    { policy: 'all' },
    { mcp },
  )
  const run = at.run()

  const { output } = await at.attempt(run)

  expect(output).toEqual({ verdict: 'good' })
  expect(seen).toEqual([])
  expect(existsSync(join(run.dir, 'claude-code', 'config', 'mcp-servers.json'))).toBe(false)
  expect(notesOf(run.log, 'text').map(({ text }) => text)).toContainEqual(
    expect.stringContaining('Without the MCP server gone: There is no program no-such-server.'),
  )
})

test('killed alone, it is started again and goes on in its session', { timeout }, async () => {
  const sleep = `sleep 3601.${process.pid}`
  await using at = await world(
    (request) =>
      JSON.stringify(request.messages).includes('The work was interrupted')
        ? good
        : { content: [subject.shell(sleep)] },
    { policy: 'all' },
  )
  const run = at.run()
  const working = at.attempt(run)
  await expect.poll(() => processesWith(sleep).length, { timeout: 40_000 }).toBeGreaterThan(0)

  process.kill(claudeOver(processesWith(sleep)[0] ?? 0), 'SIGKILL')

  expect((await working).output).toEqual({ verdict: 'good' })
  expect(notesOf(run.log, 'restart').map(({ text }) => text)).toEqual([expect.stringContaining('It ended by itself')])
  expect(processesWith(sleep)).toEqual([])
  expect(run.log.filter(({ kind }) => kind === 'prompt')).toHaveLength(1)
})

/** The program itself, not the jail around it: the nearest above its command that was told of a session. */
function claudeOver(pid: number): number {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8')
  if (read('cmdline').includes('--session-id')) return pid
  return claudeOver(Number(/^PPid:\s+(\d+)/m.exec(read('status'))?.[1]))
}

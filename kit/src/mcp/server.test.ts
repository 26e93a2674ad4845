/** What an agent's MCP servers may do, each in a real jail: answer, fail, end, hang; and what they must not reach. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type JailWorld, jailed, jailWorld, processesWith, SECRET } from '../testing/jail-world.ts'
import { McpConfig, type McpServer, serversFor } from './config.ts'
import { type McpConnection, openMcpServer } from './server.ts'
import { mcpTools, nameOf } from './tools.ts'

const PROGRAM = fileURLToPath(new URL('../testing/mcp-server.mjs', import.meta.url))
const programNamed = (name: string, more: object = {}): McpServer => {
  const servers = { [name]: { command: process.execPath, args: [PROGRAM], ...more } }
  return serversFor(McpConfig.parse({ servers, roles: { role: [name] } }), { role: 'role' })[0] as McpServer
}
const open = (world: JailWorld, server = programNamed('test'), more: object = {}): Promise<McpConnection> =>
  openMcpServer(server, { jail: jailed(), policy: { worktree: world.worktree, hidden: [world.data] }, ...more })

const toolNamed = (connection: McpConnection, name: string) => {
  const tool = mcpTools([connection]).find((one) => one.name === `mcp__${connection.name}__${name}`)
  if (!tool) throw new Error(`There is no tool ${name}.`)
  const context = { callId: 'call', signal: new AbortController().signal }
  return { ...tool, call: (input: object = {}) => tool.run(input, context) }
}
const saidBy = (call: Promise<unknown>): Promise<unknown> => call.catch((error: Error) => error.message)
const text = (words: string) => [{ type: 'text', text: words }]

test('a role has the servers it is given, in the order of the config, and of a project’s wish only what the person lets projects have', () => {
  const server = { command: 'true' }
  const config = McpConfig.parse({
    servers: { docs: server, bugs: server, shop: server },
    roles: { implementer: ['shop', 'docs'] },
    projects: ['bugs'],
  })
  const names = (role: string, wished: string[]) => serversFor(config, { role, wished }).map(({ name }) => name)

  expect(names('implementer', [])).toEqual(['docs', 'shop'])
  expect(names('implementer', ['bugs'])).toEqual(['docs', 'bugs', 'shop'])
  expect(names('architect', ['docs', 'shop'])).toEqual([])
})

test('a role that is given a server nobody described is refused', () => {
  const config = McpConfig.safeParse({ servers: {}, roles: { implementer: ['docs'] } })

  expect(config.error?.issues[0]).toMatchObject({ path: ['roles', 'implementer'], message: 'there is no server docs' })
})

test('tools are offered under their server’s name, in the order of their names, with the server’s own schema', async () => {
  using world = jailWorld()
  await using connection = await open(world)

  const tools = mcpTools([connection])

  const names = tools.map(({ name }) => name)
  expect(names).toContain('mcp__test__echo')
  expect(names.slice(0, -1)).toEqual([...names.slice(0, -1)].sort())
  const { toolParams } = await import('../agents/submit.ts')
  const { Verdict } = await import('../testing/agent-world.ts')
  const echo = toolParams({ tools, output: Verdict }).find(({ name }) => name === 'mcp__test__echo')
  expect(echo).toMatchObject({
    description: 'Does echo.',
    input_schema: {
      type: 'object',
      properties: { at: { type: 'string', description: 'which one' } },
      required: ['at'],
    },
  })
  expect(tools.find(({ name }) => name === 'mcp__test__echo')?.readOnly).toBe(true)
})

test.each([
  ['plain', 'mcp__test__plain'],
  ['odd name!', /^mcp__test__odd_name__[0-9a-f]{8}$/],
  ['x'.repeat(90), /^mcp__test__x+_[0-9a-f]{8}$/],
])('the tool %s has a name the API takes', (tool, name) => {
  expect(nameOf('test', tool)).toMatch(name)
  expect(nameOf('test', tool)).toMatch(/^[\w-]{1,64}$/)
})

test('results come back whole: words, pictures, what a resource holds, and that it failed', async () => {
  using world = jailWorld()
  await using connection = await open(world)

  const said = await toolNamed(connection, 'echo').call({ at: 'x', more: { deep: [1] } })
  const picture = await toolNamed(connection, 'picture').call()
  const failed = await toolNamed(connection, 'fails').call()
  const memo = await toolNamed(connection, 'read_resource').call({ uri: 'memo://one' })

  expect(said).toEqual({ ok: true, content: text('{"at":"x","more":{"deep":[1]}}') })
  expect(picture.content[0]).toMatchObject({ type: 'image', mediaType: 'image/png', data: expect.any(Buffer) })
  expect(failed).toEqual({ ok: false, content: text('It cannot be done.') })
  expect(memo).toEqual({ ok: true, content: text('What the memo says.') })
})

test('what the person sets for a server is set there, and what Sluice was started with is not', async () => {
  using world = jailWorld()
  process.env.SLUICE_TEST_PLANTED = SECRET
  await using connection = await open(world, programNamed('test', { env: { PLANTED: 'from the config' } }))
  const env = toolNamed(connection, 'env')

  const planted = await env.call({ at: 'PLANTED' })
  const outside = await env.call({ at: 'SLUICE_TEST_PLANTED' })

  delete process.env.SLUICE_TEST_PLANTED
  expect([planted.content, outside.content]).toEqual([text('from the config'), text('not set')])
})

test('a server writes and reads in the worktree and nowhere else, and dials nobody on this machine', async () => {
  using world = jailWorld()
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await using connection = await open(world)

  const inside = await toolNamed(connection, 'write').call({ at: join(world.worktree, 'note') })
  await toolNamed(connection, 'write')
    .call({ at: join(world.root, 'planted') })
    .catch(() => undefined)
  const secret = await saidBy(toolNamed(connection, 'read').call({ at: join(world.home, 'secret') }))
  const dialled = await toolNamed(connection, 'dial').call({ at: String(port) })

  expect(await canDial(port)).toBe(true)
  expect(inside.ok).toBe(true)
  expect([existsSync(join(world.worktree, 'note')), existsSync(join(world.root, 'planted'))]).toEqual([true, false])
  expect(secret).toContain('ENOENT')
  expect(dialled.content).toEqual(text('ECONNREFUSED'))
  server.close()
})

const canDial = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

test('a server that ends is started once more, and its secrets are not in what is said of it', async () => {
  using world = jailWorld()
  await using connection = await open(world, programNamed('test', { env: { PLANTED: SECRET } }))
  const [ends, echo] = [toolNamed(connection, 'ends'), toolNamed(connection, 'echo')]

  const first = await saidBy(ends.call())
  const between = await echo.call({ at: 'still here' })
  const second = await saidBy(ends.call())
  const third = await saidBy(echo.call({ at: 'x' }))

  expect(first).toBe('The MCP server test ended during the call. It said: ends with […]')
  expect(between.ok).toBe(true)
  expect(second).toContain('ended during the call')
  expect(third).toBe('The MCP server test has ended twice: it is not started again in this run.')
})

test('a call that is not answered ends after its time, and the server goes on', async () => {
  using world = jailWorld()
  await using connection = await open(world, programNamed('test', { timeoutSeconds: 0.3 }))

  const slept = toolNamed(connection, 'sleeps').call()

  await expect(slept).rejects.toThrow('The MCP server test did not answer within 0.3 s.')
  expect((await toolNamed(connection, 'echo').call({ at: 'x' })).ok).toBe(true)
})

test('a server that never stops talking is ended', async () => {
  using world = jailWorld()
  await using connection = await open(world)

  await expect(toolNamed(connection, 'endless').call()).rejects.toThrow('ended during the call')
})

test('a program that is not there, and one that speaks no MCP, are told apart', async () => {
  using world = jailWorld()
  const absent = open(world, programNamed('test', { command: 'no-such-program' }))
  const other = open(world, programNamed('test', { command: '/bin/sh', args: ['-c', 'echo hello; echo no >&2'] }))

  await expect(absent).rejects.toThrow('There is no program no-such-program.')
  await expect(other).rejects.toThrow('The MCP server test ended before it had begun. It said: no')
})

test('nothing of a server is left when the run ends', async () => {
  using world = jailWorld()
  const marked = programNamed('test', { args: [PROGRAM, world.root] })
  const connection = await open(world, marked)
  expect(processesWith(`${PROGRAM} ${world.root}`)).not.toEqual([])

  await connection[Symbol.asyncDispose]()

  expect(processesWith(`${PROGRAM} ${world.root}`)).toEqual([])
})

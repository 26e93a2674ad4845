/** An MCP server for tests, in one file and without packages, so that a jail needs to show nothing else: `node mcp-server.mjs [--mute]`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const at = { type: 'object', properties: { at: { type: 'string', description: 'which one' } }, required: ['at'] }
const nothing = { type: 'object', properties: {} }
const text = (words) => ({ content: [{ type: 'text', text: words }] })

const tools = {
  // Not in the order of their names: whoever lists them puts them in order.
  write: {
    schema: at,
    call({ at: path }) {
      writeFileSync(path, 'written')
      return text('written')
    },
  },
  echo: { schema: at, hints: { readOnlyHint: true }, call: (input) => text(JSON.stringify(input)) },
  env: { schema: at, call: ({ at: name }) => text(process.env[name] ?? 'not set') },
  read: { schema: at, call: ({ at: path }) => text(readFileSync(path, 'utf8')) },
  dial: { schema: at, call: ({ at: port }) => dialled(Number(port)) },
  picture: { schema: nothing, call: () => ({ content: [{ type: 'image', mimeType: 'image/png', data: PIXEL }] }) },
  fails: { schema: nothing, call: () => ({ ...text('It cannot be done.'), isError: true }) },
  'odd name!': { schema: nothing, call: () => text('odd') },
  ends: {
    schema: nothing,
    call() {
      console.error(`ends with ${process.env.PLANTED ?? 'nothing'}`)
      process.exit(3)
    },
  },
  sleeps: { schema: nothing, call: () => new Promise(() => undefined) },
  endless: {
    schema: nothing,
    call() {
      process.stdout.write('x'.repeat(11 * 1024 * 1024))
      return new Promise(() => undefined)
    },
  },
}

const dialled = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(text('connected')))
    socket.on('error', (error) => resolve(text(error.code)))
  })

const capabilities = { tools: {}, resources: {} }
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities,
    serverInfo: { name: 'test', version: '1.2.3' },
  }),
  ping: () => ({}),
  'tools/list': () => ({
    tools: Object.entries(tools).map(([name, { schema, hints }]) => ({
      ...{ name, description: `Does ${name}.`, inputSchema: schema },
      ...(hints && { annotations: hints }),
    })),
  }),
  'tools/call': ({ name, arguments: input }) => tools[name].call(input),
  'resources/list': () => ({ resources: [{ uri: 'memo://one', name: 'one', title: 'The first memo' }] }),
  'resources/read': ({ uri }) => ({ contents: [{ uri, mimeType: 'text/plain', text: 'What the memo says.' }] }),
}

// A mute one never answers, which is not the same as having ended.
if (process.argv.includes('--mute')) setInterval(() => undefined, 1_000)
else createInterface({ input: process.stdin }).on('line', (line) => void answer(JSON.parse(line)))

async function answer({ id, method, params }) {
  if (id === undefined || !method) return
  const say = (body) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...body })}\n`)
  try {
    if (!answers[method]) return say({ error: { code: -32601, message: `no ${method}` } })
    say({ result: await answers[method](params ?? {}) })
  } catch (error) {
    say({ error: { code: -32000, message: String(error.message) } })
  }
}

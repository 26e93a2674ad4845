/**
 * An agent for tests that speaks the Agent Client Protocol and asks the Messages API, in one file and without packages, so that a jail needs to
 * show nothing else. `node acp-agent.mjs [--protocol N] [--login] [--forgetful] [--asks] [--by-client] [--stdio] [--dies]`
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const does = (flag) => process.argv.includes(`--${flag}`)
const protocolVersion = does('protocol') ? Number(process.argv[process.argv.indexOf('--protocol') + 1]) : 1
const MODEL = process.env.ANTHROPIC_MODEL ?? 'claude-opus-5-5'
const BASE = process.env.ANTHROPIC_BASE_URL

// ── the protocol ─────────────────────────────────────────────────────────────

const waiting = new Map()
let asked = 0
const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const ask = (method, params) =>
  new Promise((answer) => {
    waiting.set(++asked, answer)
    say({ id: asked, method, params })
  })

createInterface({ input: process.stdin }).on('line', (line) => void heard(JSON.parse(line)))

async function heard({ id, method, params, result, error }) {
  if (!method) return waiting.get(id)?.(error ? { error } : result)
  if (method === 'session/cancel') return sessions.get(params.sessionId)?.cancel.abort()
  try {
    say({ id, result: await answers[method](params) })
  } catch (problem) {
    say({ id, error: { code: problem.code ?? -32603, message: problem.message } })
  }
}

const coded = (code, message) => Object.assign(new Error(message), { code })

const answers = {
  initialize: () => ({
    protocolVersion,
    agentInfo: { name: 'test-agent', version: '3.2.1' },
    agentCapabilities: {
      loadSession: !does('forgetful'),
      mcpCapabilities: { http: !does('stdio') },
      promptCapabilities: { image: true },
    },
  }),
  async 'session/new'(params) {
    if (does('login')) throw coded(-32000, 'Authentication required')
    const id = `session-${process.pid}-${Date.now()}`
    sessions.set(id, await opened(id, params, []))
    return { sessionId: id }
  },
  async 'session/load'({ sessionId, ...params }) {
    if (!existsSync(fileOf(sessionId))) throw coded(-32002, 'Resource not found')
    const messages = JSON.parse(readFileSync(fileOf(sessionId), 'utf8'))
    sessions.set(sessionId, await opened(sessionId, params, messages))
    // What was said before is told again, as the protocol has it.
    for (const { role, content } of messages)
      for (const block of content) if (role === 'assistant' && block.type === 'text') tell(sessionId, words(block.text))
    return {}
  },
  'session/set_mode': () => ({}),
  async 'session/prompt'({ sessionId, prompt }) {
    const session = sessions.get(sessionId)
    session.cancel = new AbortController()
    session.messages.push({
      role: 'user',
      content: prompt.map(({ type, text }) => ({ type: 'text', text: text ?? `[${type}]` })),
    })
    return { stopReason: await turn(sessionId, session) }
  },
}

// ── sessions ─────────────────────────────────────────────────────────────────

const sessions = new Map()
const fileOf = (id) => join(process.env.HOME, 'sessions', `${id}.json`)

async function opened(id, { cwd, mcpServers }, messages) {
  mkdirSync(join(process.env.HOME, 'sessions'), { recursive: true })
  const servers = await Promise.all(mcpServers.map(connect))
  const session = { cwd, messages: mended(messages), servers, cancel: new AbortController() }
  // Beside and renamed: killed while it writes, it has the session as it was before.
  session.save = () => {
    writeFileSync(`${fileOf(id)}.new`, JSON.stringify(session.messages))
    renameSync(`${fileOf(id)}.new`, fileOf(id))
  }
  return session
}

/** A call whose result was never written is answered, or the API takes none of it. */
function mended(messages) {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return messages
  const owed = last.content.filter(({ type }) => type === 'tool_use')
  const results = owed.map(({ id }) => ({
    type: 'tool_result',
    tool_use_id: id,
    is_error: true,
    content: 'interrupted',
  }))
  return results.length > 0 ? [...messages, { role: 'user', content: results }] : messages
}

const tell = (sessionId, update) => say({ method: 'session/update', params: { sessionId, update } })
const words = (text) => ({
  sessionUpdate: 'agent_message_chunk',
  messageId: `m${text.length}`,
  content: { type: 'text', text },
})

// ── the loop ─────────────────────────────────────────────────────────────────

async function turn(sessionId, session) {
  for (;;) {
    const { content, stop } = await reply(session)
    session.messages.push({ role: 'assistant', content })
    session.save()
    for (const { type, text } of content) if (type === 'text') tell(sessionId, words(text))
    if (stop === 'refusal') return 'refusal'
    const calls = content.filter(({ type }) => type === 'tool_use')
    if (calls.length === 0) return session.cancel.signal.aborted ? 'cancelled' : 'end_turn'
    const results = []
    for (const call of calls) results.push(await carryOut(sessionId, session, call))
    session.messages.push({ role: 'user', content: results })
    session.save()
    if (session.cancel.signal.aborted) return 'cancelled'
  }
}

const own = {
  write: { path: 'string', content: 'string' },
  shell: { command: 'string' },
}
const schema = (fields) => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, { type }])),
})

async function reply(session) {
  const tools = [
    ...Object.entries(own).map(([name, fields]) => ({ name, input_schema: schema(fields) })),
    ...session.servers.flatMap(({ name, tools }) =>
      tools.map((tool) => ({
        name: `${name}_${tool.name}`.replace(/[^\w-]/g, '_'),
        description: tool.description,
        input_schema: tool.inputSchema,
      })),
    ),
  ]
  const body = JSON.stringify({ model: MODEL, max_tokens: 4096, stream: true, tools, messages: session.messages })
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${BASE}/v1/messages?beta=true`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': process.env.ANTHROPIC_API_KEY,
        'anthropic-version': '2023-06-01',
      },
      body,
    }).catch(() => null)
    if (answer?.ok) {
      const whole = await read(answer).catch(() => null)
      if (whole) return whole
    } else if (answer && ![408, 429, 500, 502, 503, 529].includes(answer.status)) {
      throw new Error(`API ${answer.status}: ${await answer.text()}`)
    }
    if (tries === 3) throw new Error('The API does not answer.')
    await new Promise((later) => setTimeout(later, Number(answer?.headers.get('retry-after') ?? 0.05) * 1000))
  }
}

/** The events of a stream put together; nothing where it was cut. */
async function read(answer) {
  const content = []
  let [stop, ended] = [null, false]
  for (const line of (await answer.text()).split('\n')) {
    if (!line.startsWith('data:')) continue
    const event = JSON.parse(line.slice(5))
    if (event.type === 'content_block_start') content[event.index] = { ...event.content_block, json: '' }
    if (event.type === 'content_block_delta') {
      const { text = '', partial_json = '' } = event.delta
      if (content[event.index].type === 'text') content[event.index].text += text
      content[event.index].json += partial_json
    }
    if (event.type === 'message_delta') stop = event.delta.stop_reason
    if (event.type === 'message_stop') ended = true
  }
  if (!ended) return null
  const blocks = content.map(({ json, ...block }) =>
    block.type === 'tool_use' ? { ...block, input: JSON.parse(json || '{}') } : block,
  )
  return { content: blocks.filter(({ type, text }) => type !== 'text' || text), stop }
}

async function carryOut(sessionId, session, { id, name, input }) {
  const title = `${name} ${input.path ?? input.command ?? ''}`.trim()
  tell(sessionId, { sessionUpdate: 'tool_call', toolCallId: id, title: name, status: 'pending', rawInput: {} })
  tell(sessionId, { sessionUpdate: 'tool_call_update', toolCallId: id, title, rawInput: input })
  const result = (await refused(sessionId, { id, title })) ?? (await run(sessionId, session, { name, input }))
  const status = result.isError ? 'failed' : 'completed'
  tell(sessionId, { sessionUpdate: 'tool_call_update', toolCallId: id, status })
  // Told twice, as some do: it has ended once all the same.
  tell(sessionId, { sessionUpdate: 'tool_call_update', toolCallId: id, status })
  return { type: 'tool_result', tool_use_id: id, is_error: result.isError === true, content: textOf(result) }
}

const textOf = ({ content }) => content.map(({ type, text }) => text ?? `[${type}]`).join('\n') || '(nothing)'
const said = (text, isError = false) => ({ content: [{ type: 'text', text }], isError })

async function refused(sessionId, { id, title }) {
  if (!does('asks')) return null
  const options = [
    { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
    { optionId: 'no', name: 'No', kind: 'reject_once' },
  ]
  const { outcome } = await ask('session/request_permission', {
    sessionId,
    toolCall: { toolCallId: id, title, kind: 'execute' },
    options,
  })
  return outcome.optionId === 'yes' ? null : said(`Not allowed: ${outcome.outcome}`, true)
}

async function run(sessionId, session, { name, input }) {
  if (does('dies') && !existsSync(join(process.env.HOME, 'died'))) {
    writeFileSync(join(process.env.HOME, 'died'), '')
    console.error('died on purpose')
    process.exit(7)
  }
  if (name === 'write') return write(sessionId, resolve(session.cwd, input.path), input.content)
  if (name === 'shell') return shell(input.command, session)
  const server = session.servers.find((one) => name.startsWith(`${one.name}_`))
  return server ? server.call(name.slice(server.name.length + 1), input) : said(`There is no tool ${name}.`, true)
}

async function write(sessionId, path, content) {
  if (does('by-client')) {
    const { error } = await ask('fs/write_text_file', { sessionId, path, content })
    return error ? said(error.message, true) : said('written')
  }
  try {
    writeFileSync(path, content)
    return said('written')
  } catch (error) {
    return said(error.message, true)
  }
}

const shell = (command, { cwd, cancel }) =>
  new Promise((done) => {
    const child = spawn('bash', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    cancel.signal.addEventListener('abort', () => child.kill('SIGKILL'))
    child.on('exit', (code) => done(said(output || '(nothing)', code !== 0)))
  })

// ── MCP ──────────────────────────────────────────────────────────────────────

async function connect(server) {
  const rpc = server.url ? overHttp(server.url) : overStdio(server)
  await rpc('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test-agent', version: '1' },
  })
  const { tools } = await rpc('tools/list', {})
  return { name: server.name, tools, call: (name, input) => rpc('tools/call', { name, arguments: input }) }
}

let requests = 0

const overHttp = (url) => async (method, params) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: ++requests, method, params })
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const text = await (await fetch(url, { method: 'POST', headers, body })).text()
  const { result, error } = JSON.parse(text.startsWith('{') ? text : text.slice(text.indexOf('data:') + 5))
  return error ? said(error.message, true) : result
}

function overStdio({ command, args, env }) {
  const child = spawn(command, args, {
    env: { ...process.env, ...Object.fromEntries(env.map(({ name, value }) => [name, value])) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const open = new Map()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, result, error } = JSON.parse(line)
    open.get(id)?.(error ? said(error.message, true) : result)
  })
  return (method, params) =>
    new Promise((answer) => {
      const id = ++requests
      open.set(id, answer)
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    })
}

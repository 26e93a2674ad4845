/** Runs inside the jail: MCP over stdio for agents that know nothing else, each line passed on to the run's socket. `node host-tools-stdio.mjs URL` */
import { createInterface } from 'node:readline'

const [url] = process.argv.slice(2)
if (!url) {
  console.error('usage: node host-tools-stdio.mjs URL')
  process.exit(2)
}

/** What the client and the server agreed on: to be named in every request after the first (MCP, Streamable HTTP). */
let protocol

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line.trim()) void pass(line)
  })
  // The agent has closed its end: what is still being asked for reaches nobody.
  .on('close', () => process.exit(0))

async function pass(line) {
  const id = idIn(line)
  try {
    const reply = await fetch(url, { method: 'POST', headers: headers(), body: line })
    const text = await reply.text()
    for (const message of messagesIn(reply, text)) {
      protocol ??= message.result?.protocolVersion
      say(message)
    }
    if (!reply.ok && id !== undefined && !text.startsWith('{')) refuse(id, `${reply.status} ${text}`)
  } catch (error) {
    if (id !== undefined) refuse(id, `The tools of the run do not answer: ${error.cause?.code ?? error.message}`)
  }
}

const headers = () => ({
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  ...(protocol && { 'mcp-protocol-version': protocol }),
})

/** One message, or a stream of them (WHATWG HTML, 9.2); a notification is answered with nothing. */
function messagesIn(reply, text) {
  if (!reply.headers.get('content-type')?.includes('text/event-stream'))
    return text.startsWith('{') ? [JSON.parse(text)] : []
  return text
    .split('\n')
    .flatMap((line) => (line.startsWith('data:') && line.length > 6 ? [JSON.parse(line.slice(5))] : []))
}

const refuse = (id, message) => say({ jsonrpc: '2.0', id, error: { code: -32_603, message } })

function idIn(line) {
  try {
    return JSON.parse(line).id
  } catch {
    return undefined
  }
}

/** One MCP server at work: started, asked for its tools once, called; one that ends is started once more. */
import {
  type CallToolResult,
  Client,
  type Resource,
  SdkError,
  SdkErrorCode,
  StreamableHTTPClientTransport,
  type Tool,
  type Transport,
} from '@modelcontextprotocol/client'
import pack from '../../package.json' with { type: 'json' }
import { type Jail, type JailPolicy, spawnJailed } from '../jail.ts'
import type { ModelAccess } from '../model-access.ts'
import { programSight } from '../program-sight.ts'
import { fetchByEgress } from './by-egress.ts'
import { isProgram, type McpAddress, type McpProgram, type McpServer } from './config.ts'
import { jailedTransport } from './jailed-transport.ts'

const START_MS = 30_000
const MOST_STARTS = 2

/** Where servers run, and how those elsewhere are reached. */
export type McpWays = {
  jail: Jail
  policy: JailPolicy
  access?: Pick<ModelAccess, 'egressUrl' | 'token'>
  started?(pid: number, start: string): void
}

export type McpConnection = AsyncDisposable & {
  name: string
  version: string
  /** As they were when it was first started: what it changes later counts for the next run. */
  tools: readonly Tool[]
  resources: readonly Resource[]
  call(tool: string, input: unknown, signal?: AbortSignal): Promise<CallToolResult>
  read(uri: string, signal?: AbortSignal): Promise<CallToolResult>
}

/** Rejects with a sentence when it does not start, or does not speak MCP. */
export async function openMcpServer(server: McpServer, ways: McpWays): Promise<McpConnection> {
  const { name, timeoutSeconds } = server
  let starts = 0
  let open: Promise<Opened> = start()

  async function start(): Promise<Opened> {
    starts++
    return connect(server, ways)
  }

  /** Who lives, or its successor: parallel calls find it ended together, and one starts it for all. */
  async function alive(): Promise<Opened> {
    const current = open
    const opened = await current.catch(() => null)
    if (opened && !opened.ended()) return opened
    if (open !== current) return alive()
    if (starts >= MOST_STARTS)
      throw new Error(`The MCP server ${name} has ended twice: it is not started again in this run.`)
    open = start()
    return open
  }

  async function ask<T>(
    signal: AbortSignal | undefined,
    question: (client: Client, options: object) => Promise<T>,
  ): Promise<T> {
    const opened = await alive()
    try {
      return await question(opened.client, { timeout: timeoutSeconds * 1000, ...(signal && { signal }) })
    } catch (error) {
      signal?.throwIfAborted()
      throw explained(error, { name, timeoutSeconds, complaint: opened.complaint() })
    }
  }

  const { client } = await open
  const listed = { timeout: START_MS }
  const capabilities = client.getServerCapabilities() ?? {}
  const tools = capabilities.tools ? (await client.listTools(undefined, listed)).tools : []
  const resources = capabilities.resources ? (await client.listResources(undefined, listed)).resources : []
  return {
    name,
    version: client.getServerVersion()?.version ?? '?',
    tools: [...tools].sort(byName),
    resources: [...resources].sort(byName),
    call: (tool, input, signal) =>
      ask(signal, (client, options) =>
        client.callTool({ name: tool, arguments: input as Record<string, unknown> }, options),
      ),
    read: (uri, signal) =>
      ask(signal, async (client, options) => {
        const { contents } = await client.readResource({ uri }, options)
        return { content: contents.map((resource) => ({ type: 'resource' as const, resource })) }
      }),
    async [Symbol.asyncDispose]() {
      starts = MOST_STARTS
      await (await open.catch(() => null))?.client.close()
    },
  }
}

const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1)

type Opened = { client: Client; ended(): boolean; complaint(): string }

async function connect(server: McpServer, ways: McpWays): Promise<Opened> {
  const { name } = server
  const { transport, complaint } = isProgram(server) ? inJail(server, ways) : elsewhere(server, ways)
  // Nothing is offered to it: no roots, no sampling, no questions to the person.
  const client = new Client({ name: 'sluice', version: pack.version }, { capabilities: {} })
  let ended = false
  client.onclose = () => {
    ended = true
  }
  try {
    await client.connect(transport, { timeout: START_MS })
  } catch (error) {
    await transport.close().catch(() => undefined)
    throw explained(error, { name, timeoutSeconds: START_MS / 1000, complaint: complaint(), starting: true })
  }
  return { client, ended: () => ended, complaint }
}

type Way = { transport: Transport; complaint(): string }

function inJail(server: McpProgram, { jail, policy, started }: McpWays): Way {
  const { command, readable } = programSight([server.command, ...server.args])
  const end = new AbortController()
  const own: JailPolicy = {
    ...policy,
    env: { ...policy.env, ...server.env },
    readable: [...(policy.readable ?? []), ...readable, ...server.readable],
  }
  const jailed = spawnJailed(jail, own, [...command], { stdio: ['pipe', 'pipe', 'pipe'], signal: end.signal })
  if (jailed.ref.pid) started?.(jailed.ref.pid, jailed.ref.start)
  const transport = jailedTransport(jailed, () => end.abort())
  return { transport, complaint: () => without(server.env, transport.complaint()) }
}

/** What it was told in confidence is not said on. */
const without = (env: Record<string, string>, words: string): string =>
  Object.values(env).reduce((text, secret) => (secret.length > 3 ? text.replaceAll(secret, '[…]') : text), words)

function elsewhere({ url, headers }: McpAddress, { access }: McpWays): Way {
  if (!access) throw new Error('MCP servers at an address are reached from a run only.')
  const options = { fetch: fetchByEgress(access), requestInit: { headers } }
  return { transport: new StreamableHTTPClientTransport(new URL(url), options), complaint: () => '' }
}

type About = { name: string; timeoutSeconds: number; complaint: string; starting?: boolean }

function explained(error: unknown, { name, timeoutSeconds, complaint, starting }: About): Error {
  const code = error instanceof SdkError ? error.code : undefined
  const said = complaint ? ` It said: ${complaint}` : ''
  const reason = error instanceof Error ? error.message : String(error)
  if (code === SdkErrorCode.RequestTimeout)
    return new Error(`The MCP server ${name} did not answer within ${timeoutSeconds} s.${said}`, { cause: error })
  if (code === SdkErrorCode.ConnectionClosed)
    return new Error(`The MCP server ${name} ended${starting ? ' before it had begun' : ' during the call'}.${said}`, {
      cause: error,
    })
  return new Error(`The MCP server ${name}${starting ? ' does not start' : ''}: ${reason}${said}`, { cause: error })
}

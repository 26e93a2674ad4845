/** An agent's program in its jail: started, greeted, its session opened or found again. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type {
  ClientConnection,
  ContentBlock,
  InitializeResponse,
  McpServer,
  PromptResponse,
  SessionConfigOption,
  SessionUpdate,
  ToolCallUpdate,
} from '@agentclientprotocol/sdk'
import * as acp from '@agentclientprotocol/sdk'
import pack from '../../../package.json' with { type: 'json' }
import type { Place } from '../../agent.ts'
import { Pause, Refusal, TerminalError } from '../../errors.ts'
import { HOST_TOOLS_BRIDGE, HOST_TOOLS_NAME, HOST_TOOLS_PATH } from '../../host-tools.ts'
import { forwardPort, type Jailed, type JailPolicy, spawnJailed } from '../../jail.ts'
import { redact } from '../../log.ts'
import type { OwnServers } from '../../mcp/own-servers.ts'
import { programSight } from '../../program-sight.ts'
import { type AcpConfig, filled, modelNameOf } from './config.ts'
import type { AgentFiles } from './files.ts'
import { knownAgent, PLACEHOLDER_KEY } from './known.ts'
import { answerOf, cancelled, type Decided } from './permission.ts'

/** Gemini takes nine seconds on a fast machine. */
const GREETING_MS = 60_000
/** Between the end of its output and its own. */
const LEAVING_MS = 1_000
const STDERR_CHARS = 2_000
const AUTH_REQUIRED = -32_000

const M = acp.methods

export type AgentStart = {
  name: string
  config: AcpConfig
  model: string
  /** Where it works; what it may change if it has a place, else an empty directory. */
  place: Place
  hasPlace: boolean
  /** Kept with the run: sessions are found again there. */
  home: string
  mcp: Pick<OwnServers, 'servers' | 'readable'>
  /** Somebody is to be asked: an agent that usually goes ahead is told to ask. */
  asks: boolean
  /** Whether there is a run behind it, whose tools it is offered. */
  hosted: boolean
  files: AgentFiles | null
  started(pid: number, start: string): void
  onUpdate(update: SessionUpdate): void
  /** Null where the turn was cancelled meanwhile. */
  decide(call: ToolCallUpdate, signal: AbortSignal): Promise<Decided | null>
  /** Ends the program, whatever it does. */
  over: AbortSignal
}

export type AgentProcess = AsyncDisposable & {
  info: { name: string; version: string }
  takesImages: boolean
  /** The session with this id if the agent still has it, else null. */
  resume(sessionId: string): Promise<string | null>
  begin(): Promise<string>
  prompt(sessionId: string, blocks: ContentBlock[]): Promise<PromptResponse>
  cancel(sessionId: string): Promise<void>
}

/** Rejects with sentences: what is missing, what it wants, or why it ended. */
export async function startAgent(start: AgentStart): Promise<AgentProcess> {
  const end = new AbortController()
  const launched = launch(start, AbortSignal.any([end.signal, start.over]))
  const jailed = launched.jailed
  if (jailed.ref.pid) start.started(jailed.ref.pid, jailed.ref.start)
  const died = deathOf(jailed, start.name)
  let replaying = false
  /** Of the turn in flight: its questions are over when it is cancelled. */
  let turn = new AbortController()
  const connection = clientOf({
    ...start,
    onUpdate: (update) => (replaying ? undefined : start.onUpdate(update)),
    decide: (call, signal) => start.decide(call, AbortSignal.any([signal, turn.signal])),
  }).connect(streamOf(jailed))
  const { agent } = connection
  /** A pipe that breaks is a program that ends, or must: how it ended says more. */
  async function asked<T>(answer: Promise<T>): Promise<T> {
    try {
      return await Promise.race([answer, died])
    } catch (error) {
      if (!connection.signal.aborted || error instanceof AgentDied) throw error
      const late = setTimeout(() => end.abort(), LEAVING_MS)
      return died.finally(() => clearTimeout(late))
    }
  }

  async function close(): Promise<void> {
    connection.close()
    end.abort()
    await jailed.exited.catch(() => undefined)
  }

  try {
    const greeted = await asked(greet(connection, start))
    const servers = [...(start.hosted ? [hostServer(greeted, launched.url)] : []), ...launched.servers]
    const meta = knownAgent(start.config.command).meta?.(start)
    const session = { cwd: start.place.dir, mcpServers: servers, ...(meta && { _meta: meta }) }
    return {
      info: { name: greeted.agentInfo?.name ?? start.name, version: greeted.agentInfo?.version ?? '?' },
      takesImages: greeted.agentCapabilities?.promptCapabilities?.image ?? false,
      async resume(sessionId) {
        const { loadSession, sessionCapabilities } = greeted.agentCapabilities ?? {}
        const method = sessionCapabilities?.resume ? M.agent.session.resume : loadSession ? M.agent.session.load : null
        if (!method) return null
        // What was said before is told again, and stands in the journal already.
        replaying = true
        try {
          const found = await asked(
            agent.request<{ configOptions?: SessionConfigOption[] } | null>(method, { sessionId, ...session }),
          )
          await asked(settle(connection, { sessionId, start, options: found?.configOptions }))
          return sessionId
        } catch (error) {
          if (error instanceof acp.RequestError) return null
          throw error
        } finally {
          replaying = false
        }
      },
      async begin() {
        const opened = await asked(
          agent
            .request<acp.NewSessionResponse>(M.agent.session.new, session)
            .catch((error: unknown) => refusedBy(start.name, error)),
        )
        await asked(settle(connection, { sessionId: opened.sessionId, start, options: opened.configOptions }))
        return opened.sessionId
      },
      prompt(sessionId, prompt) {
        turn = new AbortController()
        return asked(agent.request(M.agent.session.prompt, { sessionId, prompt }))
      },
      async cancel(sessionId) {
        turn.abort(new Error('The turn was cancelled.'))
        await agent.notify(M.agent.session.cancel, { sessionId })
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

// ── the program ──────────────────────────────────────────────────────────────

function launch(start: AgentStart, signal: AbortSignal): { jailed: Jailed; servers: McpServer[]; url: string } {
  const { config, place, hasPlace, asks, home } = start
  if (place.jail.kind === 'none')
    throw new Refusal(
      `An agent of another's (${start.name}) works in a jail only: here there is none, and so no way for it to a model.`,
      'Install bubblewrap (`sluice doctor` says how), or choose the engine anthropic.',
    )
  const { command, readable } = programSight(config.command)
  // Where models are inside the jail.
  const port = forwardPort(place.jail)
  const url = `http://127.0.0.1:${port}`
  const values = { model: modelNameOf(config, start.model), url }
  mkdirSync(join(home, 'tmp'), { recursive: true })
  const policy: JailPolicy = {
    ...place.policy,
    port,
    env: {
      ...place.policy.env,
      ...{ HOME: home, CLAUDE_CONFIG_DIR: join(home, '.claude') },
      ...{ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: PLACEHOLDER_KEY },
      ...filled({ ...knownAgent(config.command).env({ hasPlace, asks }), ...config.env }, values),
    },
    writable: [...(place.policy.writable ?? []), home],
    readable: [
      ...(place.policy.readable ?? []),
      ...[...readable, ...config.readable, HOST_TOOLS_BRIDGE],
      ...filesIn(Object.values(config.env)),
      ...start.mcp.readable,
    ],
  }
  const servers = start.mcp.servers.map(({ env, ...server }) => ({
    ...server,
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
  }))
  const jailed = spawnJailed(place.jail, policy, [...command], { stdio: ['pipe', 'pipe', 'pipe'], signal })
  return { jailed, servers, url }
}

/** A program that the person names in a variable is to be started there. */
const filesIn = (values: readonly string[]): string[] =>
  values.flatMap((value) => {
    try {
      return value.startsWith('/') ? programSight([value]).readable : []
    } catch {
      return []
    }
  })

function streamOf({ child }: Jailed): acp.Stream {
  const { stdin, stdout } = child as { stdin: Writable; stdout: Readable }
  // An agent that ends while it is spoken to: its exit says it, not the broken pipe.
  stdin.on('error', () => undefined)
  return acp.ndJsonStream(Writable.toWeb(stdin), Readable.toWeb(stdout) as ReadableStream<Uint8Array>)
}

/** Rejects when the program ends, with the last it said. */
function deathOf({ child, exited }: Jailed, name: string): Promise<never> {
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-STDERR_CHARS)
  })
  const died = exited.then(({ code, signal }) => {
    const said = complaint.trim() ? ` It said: ${redact(complaint.trim())}` : ''
    throw new AgentDied(`The agent ${name} ended (${signal ?? code}).${said}`)
  })
  // Mostly it is we who end it, when nobody asks any more.
  died.catch(() => undefined)
  return died
}

/** Its program is gone, its session is not. */
export class AgentDied extends Error {
  override name = 'AgentDied'
}

// ── the protocol ─────────────────────────────────────────────────────────────

function clientOf({ onUpdate, decide, files }: AgentStart): acp.ClientApp {
  const app = acp
    .client({ name: 'sluice' })
    .onNotification(M.client.session.update, ({ params: { update } }) => onUpdate(update))
    .onRequest(M.client.session.requestPermission, async ({ params, signal }) => {
      onUpdate({ sessionUpdate: 'tool_call_update', ...params.toolCall, status: null })
      const decided = await decide(params.toolCall, signal)
      return decided ? answerOf(params, decided) : cancelled
    })
    // What an agent says beside the protocol is its own affair.
    .onNotification('*', () => undefined)
  if (!files) return app
  return app
    .onRequest(M.client.fs.readTextFile, async ({ params }) => ({ content: await files.read(params.path, params) }))
    .onRequest(M.client.fs.writeTextFile, async ({ params }) => {
      await files.write(params.path, params.content)
      return {}
    })
}

async function greet({ agent }: ClientConnection, { name, files }: AgentStart): Promise<InitializeResponse> {
  const fs = { readTextFile: files !== null, writeTextFile: files !== null }
  const greeted = await agent.request<InitializeResponse>(
    M.agent.initialize,
    {
      protocolVersion: acp.PROTOCOL_VERSION,
      clientInfo: { name: 'sluice', version: pack.version },
      clientCapabilities: { fs, terminal: false },
    },
    { cancellationSignal: AbortSignal.timeout(GREETING_MS), stopWaitingOnCancel: true },
  )
  if (greeted.protocolVersion !== acp.PROTOCOL_VERSION)
    throw new TerminalError(
      `The agent ${name} speaks version ${greeted.protocolVersion} of the Agent Client Protocol, Sluice speaks ${acp.PROTOCOL_VERSION}.`,
    )
  return greeted
}

/** The tools of the run, over HTTP where the agent knows that, else by a bridge that is a program. */
function hostServer({ agentCapabilities }: InitializeResponse, inside: string): McpServer {
  const url = `${inside}${HOST_TOOLS_PATH}`
  return agentCapabilities?.mcpCapabilities?.http
    ? { type: 'http', name: HOST_TOOLS_NAME, url, headers: [] }
    : { name: HOST_TOOLS_NAME, command: process.execPath, args: [HOST_TOOLS_BRIDGE, url], env: [] }
}

function refusedBy(name: string, error: unknown): never {
  const { code, message } = error as { code?: unknown; message?: string }
  if (code === AUTH_REQUIRED)
    throw new Pause({
      kind: 'account',
      problem: `The agent ${name} asks for a login, which no jail has. Give it what it needs in \`engines.${name}.env\` of your config. It said: ${redact(message ?? '')}`,
    })
  throw error
}

/** The model and the mode, where the agent lets them be chosen; its environment has named the model already. */
async function settle(
  { agent }: ClientConnection,
  {
    sessionId,
    start,
    options,
  }: { sessionId: string; start: AgentStart; options?: readonly SessionConfigOption[] | null | undefined },
): Promise<void> {
  const { config, model } = start
  const wanted = modelNameOf(config, model)
  for (const option of options ?? []) {
    if (option.category !== 'model' || option.type !== 'select' || option.currentValue === wanted) continue
    const value = valuesOf(option).find((one) => one === wanted || one.endsWith(`/${wanted}`))
    if (value) await agent.request(M.agent.session.setConfigOption, { sessionId, configId: option.id, value })
  }
  const mode = config.mode ?? knownAgent(config.command).mode
  if (mode) await agent.request(M.agent.session.setMode, { sessionId, modeId: mode })
}

const valuesOf = ({ options }: Extract<SessionConfigOption, { type: 'select' }>): string[] =>
  options.flatMap((one) => ('options' in one ? one.options.map(({ value }) => value) : [one.value]))

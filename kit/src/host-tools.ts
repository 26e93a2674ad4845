/** What a foreign engine lacks, offered to it over MCP on the run's socket: tools of the task and `submit`, checked and journaled as by our own loop. */
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import { type CallToolResult, createMcpHandler, Server } from '@modelcontextprotocol/server'
import { z } from 'zod'
import pack from '../package.json' with { type: 'json' }
import type { AgentTask, AnyTool, Content } from './agent.ts'
import { blockOf, restorer, Stored, store } from './agents/stored.ts'
import { toolParams } from './agents/submit.ts'
import { answerCalls, type CallResult, type Desk } from './agents/tool-calls.ts'
import type { Artifacts } from './artifacts.ts'
import { LeaseLost, Pause } from './errors.ts'
import type { Entry, Run } from './run.ts'
import type { RunHandler } from './run-socket.ts'
import { type ToldCall, type ToldCalls, toldCalls } from './told-calls.ts'

/** Where they are on the run's socket, and so on the jail's port. */
export const HOST_TOOLS_PATH = '/mcp'
/** The name of the server: agents say `mcp__sluice__submit`. */
export const HOST_TOOLS_NAME = 'sluice'
/** For agents that know stdio only: `node BRIDGE URL`. Plain JavaScript, for it runs in the jail. */
export const HOST_TOOLS_BRIDGE = fileURLToPath(new URL('host-tools-stdio.mjs', import.meta.url))

export type HostTools = {
  /** In the order of the task, `submit` last. */
  names: readonly string[]
  answer: RunHandler
  /** Resolves once somebody has asked which tools there are. */
  listed: Promise<void>
  /** Calls that parked the run, called again now that they can be answered: what to tell the agent, which saw no end of them. */
  parkedCalls(): Promise<string[]>
  /** Resolves once a result was accepted; rejects with what stops the run: a pause, a lost lease, a task that cannot be done. */
  submitted: Promise<unknown>
}

export type HostToolsOptions = {
  task: AgentTask
  run: Run
  artifacts: Artifacts
  /** Which conversation of the run it is, from 0. */
  number: number
  /** What people hear of the calls: an agent with hands of its own has others to tell of. */
  calls?: ToldCalls
  /** Told after each call that was begun here. */
  onEnd?(call: { callId: string; title: string }): void
}

/** An engine with hands of its own gets no second pair where it has a place to use them. */
export const offeredTools = ({ tools = [], place }: AgentTask): AnyTool[] =>
  tools.filter((tool) => !(tool.hand && place))

export function openHostTools(options: HostToolsOptions): HostTools {
  const task = { ...options.task, tools: offeredTools(options.task) }
  const params = toolParams(task)
  const end = Promise.withResolvers<unknown>()
  // Whoever opens them waits for it later, or never where the agent died first.
  end.promise.catch(() => undefined)
  const listed = Promise.withResolvers<void>()
  const call = caller({ ...options, task }, end)

  const handler = createMcpHandler(
    () => {
      const server = new Server({ name: HOST_TOOLS_NAME, version: pack.version }, { capabilities: { tools: {} } })
      server.setRequestHandler('tools/list', () => {
        listed.resolve()
        return {
          tools: params.map(({ name, description, input_schema }) => ({
            ...{ name, description: description ?? '', inputSchema: input_schema as { type: 'object' } },
            annotations: { readOnlyHint: task.tools.some((tool) => tool.name === name && tool.readOnly) },
          })),
        }
      })
      server.setRequestHandler('tools/call', ({ params: { name, arguments: input = {}, _meta } }) =>
        call({ id: callIdIn(_meta), name, input }),
      )
      return server
    },
    { legacy: 'stateless' },
  )
  const listener = getRequestListener((request) => handler.fetch(request))
  return {
    names: params.map(({ name }) => name),
    answer: (req, res) => void listener(req, res),
    listed: listed.promise,
    submitted: end.promise,
    async parkedCalls() {
      const said: string[] = []
      for (const asked of await parkedIn(options))
        said.push(`Your call of ${asked.name} is answered:\n${wordsOf(await call(asked))}`)
      return said
    },
  }
}

const wordsOf = ({ content }: CallToolResult): string =>
  content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n')

type Asked = { id: string; name: string; input: unknown }

/** Reads beside each other, all else in order; a call that comes twice under one id is carried out once. */
function caller(
  { task, run, artifacts, number, onEnd, ...options }: HostToolsOptions,
  end: PromiseWithResolvers<unknown>,
) {
  const known = new Map<string, Promise<CallToolResult>>()
  const calls = options.calls ?? toldCalls(run, { hosted: number })
  const earlier = hostedCalls([...run.earlier, ...run.entries()], number)
  const restore = restorer(artifacts)
  const isRead = (name: string) => task.tools?.some((tool) => tool.name === name && tool.readOnly)
  let inOrder: Promise<unknown> = Promise.resolve()
  const handedIn = async ({ input }: Asked) =>
    (await store([{ type: 'input', input } as { type: string }], artifacts))[0]

  return function call(asked: Asked): Promise<CallToolResult> {
    const before = known.get(asked.id)
    if (before) return before
    const answering = isRead(asked.name) ? carryOut(asked) : inOrder.then(() => carryOut(asked))
    known.set(asked.id, answering)
    inOrder = Promise.allSettled([inOrder, ...(isRead(asked.name) ? [] : [answering])])
    return answering
  }

  async function carryOut(asked: Asked): Promise<CallToolResult> {
    const said = earlier.results.get(asked.id)
    if (said) return resultOf(said.ok, contentIn(await restore(said.content)))
    let result: CallResult | null = null
    const told = (title: string): ToldCall => ({ id: asked.id, tool: asked.name, title })
    const desk: Desk = {
      ...{ task, refuse: null, begun: earlier.begun, resumed: false },
      async onBegin({ name }, title) {
        await calls.begin(told(title))
        if (!isRead(name)) await run.fence()
      },
      async onEnd(ended, { title, ...how }) {
        const { ok, content, invalid, submitted } = ended
        const stored = await store(content.map(blockOf), artifacts)
        const input = submitted ? { input: await handedIn(asked) } : {}
        const about = { hosted: number, callId: asked.id }
        await run.append('result', { ...about, ok, content: stored, invalid, submitted, ...input })
        await calls.end(told(title), { ok, ...how })
        result = ended
        onEnd?.({ callId: asked.id, title })
      },
      async onBreak(_call, title, why) {
        if (why instanceof LeaseLost) return
        await calls.end(told(title), why instanceof Pause ? {} : { ok: false })
        // With its input: the run that goes on with the answer calls it again by itself.
        if (why instanceof Pause)
          await run.append('note', {
            type: 'parked-call',
            hosted: number,
            callId: asked.id,
            tool: asked.name,
            input: await handedIn(asked),
          })
      },
    }
    try {
      await answerCalls([{ id: asked.id, name: asked.name, block: 0, broken: false, input: asked.input }], desk)
    } catch (error) {
      end.reject(error)
      // The run stops: whoever asked is ended before it could read an answer.
      return new Promise<never>(() => undefined)
    }
    const { ok, content, submitted } = result as unknown as CallResult
    if (submitted) end.resolve(asked.input)
    return resultOf(ok, content)
  }
}

// ── what the journal knows of earlier attempts ───────────────────────────────

const Hosted = z.object({ hosted: z.int().nonnegative(), callId: z.string() })
const Result = Hosted.extend({
  ok: z.boolean(),
  content: z.array(Stored),
  submitted: z.boolean(),
  input: Stored.optional(),
})
type Result = z.infer<typeof Result>

export type HostedCalls = { begun: ReadonlySet<string>; results: ReadonlyMap<string, Result> }

/** The calls of the conversation with this number, as the journal holds them. */
export function hostedCalls(entries: readonly Entry[], number: number): HostedCalls {
  const mine = entries.filter(({ data }) => Hosted.safeParse(data).data?.hosted === number)
  const results = mine.flatMap(({ kind, data }) => (kind === 'result' ? [Result.parse(data)] : []))
  const begun = mine.flatMap(({ kind, data }) => (kind === 'note' ? [Hosted.parse(data).callId] : []))
  return { begun: new Set(begun), results: new Map(results.map((result) => [result.callId, result])) }
}

const Parked = Hosted.extend({ type: z.literal('parked-call'), tool: z.string(), input: Stored })

/** Without those that were answered since. */
async function parkedIn({ run, number, artifacts }: HostToolsOptions): Promise<Asked[]> {
  const entries = [...run.earlier, ...run.entries()]
  const { results } = hostedCalls(entries, number)
  const parked = entries.flatMap(({ data }) => Parked.safeParse(data).data ?? [])
  const open = parked.filter(({ hosted, callId }) => hosted === number && !results.has(callId))
  const calls = new Map(open.map((one) => [one.callId, one]))
  return Promise.all(
    [...calls.values()].map(async ({ callId: id, tool: name, input }) => ({
      id,
      name,
      input: await inputIn(input, artifacts),
    })),
  )
}

async function inputIn(stored: Stored, artifacts: Artifacts): Promise<unknown> {
  const [block] = await restorer(artifacts)([stored])
  return (block as unknown as { input: unknown }).input
}

/** What was accepted in an earlier attempt; null while nothing was. */
export async function handedInBefore(calls: HostedCalls, artifacts: Artifacts): Promise<{ input: unknown } | null> {
  const accepted = [...calls.results.values()].find(({ submitted }) => submitted)
  return accepted?.input ? { input: await inputIn(accepted.input, artifacts) } : null
}

// ── MCP's words for it ───────────────────────────────────────────────────────

/** Claude Code says which of its model's calls it makes; of others every call is a new one. */
const Meta = z.looseObject({ 'claudecode/toolUseId': z.string().min(1) })
const callIdIn = (meta: unknown): string =>
  Meta.safeParse(meta).data?.['claudecode/toolUseId'] ?? `host-${randomUUID()}`

const resultOf = (ok: boolean, content: readonly Content[]): CallToolResult => ({
  content: content.map((one) =>
    one.type === 'text' ? one : { type: 'image', data: one.data.toString('base64'), mimeType: one.mediaType },
  ),
  isError: !ok,
})

const Block = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), source: z.object({ media_type: z.string(), data: z.string() }) }),
])

const contentIn = (blocks: readonly unknown[]): Content[] =>
  blocks.map((block) => {
    const read = Block.parse(block)
    if (read.type === 'text') return read
    const { media_type: mediaType, data } = read.source
    return { type: 'image', mediaType, data: Buffer.from(data, 'base64') } as Content
  })

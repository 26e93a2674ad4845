/** One engine at work as a role would have it: a repository to change, the real jail and run socket, a scripted model behind them. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type AgentResult, type AgentTask, type AnyTool, defineTool } from '../agent.ts'
import { artifactStore } from '../artifacts.ts'
import { openCast } from '../cast.ts'
import type { Engine } from '../engine.ts'
import { LeaseLost } from '../errors.ts'
import { deaf } from '../hearing.ts'
import type { Jail } from '../jail.ts'
import { openLog } from '../log.ts'
import type { ModelAccess } from '../model-access.ts'
import type { Entry, Run } from '../run.ts'
import { openShell, type Shell } from '../shell.ts'
import { openOutputs } from '../tools/outputs.ts'
import { readingTools } from '../tools/reading.ts'
import { shellTools } from '../tools/shell.ts'
import { worktreeSource } from '../tools/source.ts'
import { writingTools } from '../tools/writing.ts'
import { openWorkshop, type Workshop } from '../workshop.ts'
import { findOnPath } from './find.ts'
import { type MemoryRun, memoryRun } from './memory-run.ts'
import { type MessagesApi, type RecordedRequest, startMessagesApi } from './messages-api.ts'
import { type Reply, type Spoken, tool } from './messages-script.ts'
import type { MessagesRequest } from './messages-wire.ts'
import { type TestRepository, testRepository } from './repository.ts'

/** What stands in the person's environment and must not be found in an agent's. */
export const PLANTED_KEY = 'planted-key-of-the-person'
/** The run's token at the gateway: known to the role's process, to nobody inside. */
export const PLANTED_TOKEN = 'planted-token-of-the-run'

/** An engine, and how a scripted model speaks through it. */
export type EngineSubject = {
  engine: Engine
  /** The name under which the engine offers a tool of the host: `submit`, or with a prefix. */
  hostTool(name: string): string
  /** Calls of its hands. For an engine without its own they are the tools `write` and `shell`. */
  write(path: string, content: string): Spoken
  shell(command: string): Spoken
  /** Answers what it asks beside the conversation (a title, a warm-up); undefined: it belongs to the conversation. */
  aside?(request: MessagesRequest): Reply | undefined
  /** Finished calls that a second attempt may make again: 0 for a journal of our own, 1 for a program that keeps its own. */
  repeats: 0 | 1
  /** Which kills of how many entries are tried; all where it is not said. */
  cuts?(entries: number): number[]
  /** Silence after which a call is tried again. */
  idleMs?: number
  /** Of one case, in milliseconds. */
  timeoutMs?: number
}

export const Verdict = z.object({ verdict: z.string().min(3) })
export type VerdictTask = AgentTask<typeof Verdict>

export type EngineWorld = AsyncDisposable & {
  subject: EngineSubject
  api: MessagesApi
  repo: TestRepository
  jail: Jail
  /** Calls the model answered whole; a repeated one with the same idempotency key is the gateway's to replay and counts once. */
  answered(): RecordedRequest[]
  /** A journal in a directory of this world's. */
  run(parts?: Parameters<typeof memoryRun>[0]): MemoryRun
  /** One attempt with everything of its own; all it opened is closed when it is over. */
  attempt(run: Run, task?: (hands: Hands) => Partial<VerdictTask>): Promise<AgentResult<z.infer<typeof Verdict>>>
}

/** What a role would hand to its agent: tools over the repository, and the place itself. */
export type Hands = { tools: readonly AnyTool[]; reading: readonly AnyTool[]; place: NonNullable<AgentTask['place']> }

export type WorldModel = (request: MessagesRequest, signal: AbortSignal) => Reply | Promise<Reply>

export async function engineWorld(subject: EngineSubject, model: WorldModel): Promise<EngineWorld> {
  await using stack = new AsyncDisposableStack()
  const repo = stack.use(await testRepository())
  await repo.commit({ 'notes.txt': 'one\n' })
  const api = stack.use(
    await startMessagesApi({
      model: (request, { signal }) => subject.aside?.(request) ?? model(request, signal),
    }),
  )
  const jail: Jail = { kind: 'bubblewrap', path: findOnPath('bwrap') }
  const dataDir = join(repo.dir, 'data')
  mkdirSync(join(dataDir, 'run'), { recursive: true })
  const artifacts = artifactStore(join(dataDir, 'artifacts'))
  let attempts = 0
  const things = stack.move()

  return {
    ...{ subject, api, repo, jail },
    answered() {
      // What it asks beside the conversation it may ask again: that is no finished call of it.
      const mine = api.requests.filter(({ body }) => subject.aside?.(body) === undefined)
      const whole = mine.filter((r) => r.status === 200 && r.usage && !r.aborted)
      return [...new Map(whole.map((r) => [r.headers['idempotency-key'] ?? r.id, r])).values()]
    },
    run: (parts = {}) => ({ ...memoryRun(parts), dir: join(dataDir, 'run') }),
    async attempt(run, task = () => ({})) {
      await using open = new AsyncDisposableStack()
      const access = accessTo(api)
      const workshop = open.use(openWorkshop({ run, jail, dataDir, access: async () => access }))
      const outputs = openOutputs(join(dataDir, 'run', 'outputs'))
      const place = { dir: repo.root, ...(await workshop.jailed(repo.root, { writable: [outputs.jailDir] })) }
      const shell = open.use(lazyShell(place, { workshop, cast: join(dataDir, `terminal-${++attempts}.cast`) }))
      const reading = readingTools(await worktreeSource(repo.root))
      const terminal = shellTools({ open: shell.open, renewed: attempts > 1, outputs })
      const hands = [...terminal, ...(await writingTools(repo.root))]
      const agent = await subject.engine.open({
        ...{ run, access, workshop, artifacts, hearing: deaf, log: openLog('test', { write: () => undefined }) },
        choice: { model: 'claude-opus-5-5' },
      })
      return await agent.run({
        system: 'You judge the notes of a project.',
        prompt: [{ type: 'text', text: 'Judge notes.txt.' }],
        output: Verdict,
        ...{ place, tools: hands },
        signal: new AbortController().signal,
        ...task({ tools: hands, reading, place }),
      })
    },
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

const accessTo = (api: MessagesApi): ModelAccess => ({
  ...{ url: api.url, egressUrl: api.url, token: PLANTED_TOKEN, reopen: async () => undefined },
  [Symbol.asyncDispose]: async () => undefined,
})

function lazyShell(
  { jail, policy }: NonNullable<AgentTask['place']>,
  { workshop, cast: file }: { workshop: Workshop; cast: string },
): AsyncDisposable & { open(): Promise<Shell> } {
  let opened: Promise<Shell> | undefined
  return {
    open() {
      opened ??= openShell({ jail, policy, cast: openCast(file, { cols: 120, rows: 36 }), onStart: workshop.started })
      return opened
    },
    async [Symbol.asyncDispose]() {
      await (await opened?.catch(() => null))?.[Symbol.asyncDispose]()
    },
  }
}

/** The run as it is for an attempt that loses its lease once so many entries are written: the end of a `kill -9`, seen from the journal. */
export function killedAfter(run: MemoryRun, entries: number): MemoryRun {
  const check = async () => {
    if (run.log.length >= entries) throw new LeaseLost('Killed here.')
  }
  return {
    ...run,
    fence: check,
    async append(kind, data) {
      await check()
      await run.append(kind, data)
    },
  }
}

/** The journal of a later attempt at the same run. */
export const nextAttempt = (world: EngineWorld, run: MemoryRun): MemoryRun =>
  world.run({ entries: run.log, attempt: run.attempt + 1 })

/** A tool of the host that changes something, and what it was called with. */
export function pen(): { tool: AnyTool; lines: string[] } {
  const lines: string[] = []
  return {
    lines,
    tool: defineTool({
      name: 'pen',
      description: 'Writes a line into the book of the project.',
      input: z.object({ line: z.string() }),
      readOnly: false,
      run: async ({ line }) => ({ ok: true, content: [{ type: 'text', text: `line ${lines.push(line)} stands` }] }),
    }),
  }
}

export const offers = ({ tools = [] }: MessagesRequest, name: string): boolean =>
  tools.some((one) => 'name' in one && one.name === name)

/** Calls a tool of the host by the name this engine gives it. */
export const host = ({ hostTool }: EngineSubject, name: string, input: unknown): Spoken => tool(hostTool(name), input)

export type Note = { type: string; state?: string; callId?: string; tool?: string; text?: string; ok?: boolean }

export const notesOf = (entries: readonly Entry[], type: string): Note[] =>
  entries.flatMap(({ kind, data }) => (kind === 'note' && (data as Note).type === type ? [data as Note] : []))

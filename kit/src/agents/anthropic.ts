/** The engine `anthropic`: a loop of our own on the official SDK, a fold of the run's journal. */
import type Anthropic from '@anthropic-ai/sdk'
import type { Occupant, Usage } from '@sluice/proto/parts.ts'
import type { z } from 'zod'
import pack from '../../package.json' with { type: 'json' }
import type { Agent, AgentResult, AgentTask } from '../agent.ts'
import type { Artifacts } from '../artifacts.ts'
import type { Engine } from '../engine.ts'
import { LeaseLost, Pause, TerminalError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { ModelAccess } from '../model-access.ts'
import { type ApiUsage, type Prices, priceOf, usageOf } from '../prices.ts'
import type { Run, SessionEntry, UsageEntry } from '../run.ts'
import { usageOfRun } from '../run-usage.ts'
import { type Called, callModel } from './call.ts'
import { type Call, type Conversation, conversationOf, openCalls, type Setup } from './conversation.ts'
import { goneOnFrom } from './gone-on-from.ts'
import { blockOf, restorer, store } from './stored.ts'
import { toolParams } from './submit.ts'
import { answerCalls, type CallWithInput, type Desk } from './tool-calls.ts'

const MAX_TURNS = 200
const IDLE_MS = 120_000
const MAX_TOKENS = 16_000
/** Replies in a row that could not be used, before the run is given up. */
const MAX_CORRECTIONS = 3

/** Always here: it needs a key or an address, which the gateway has. */
export const anthropic: Engine = {
  name: 'anthropic',
  probe: async () => ({ ok: true, version: pack.version }),
  open: ({ choice, ...options }) => openAgent({ ...options, ...choice }),
}

export type AgentOptions = {
  run: Run
  access: ModelAccess
  model: string
  effort?: Setup['effort']
  /** The longest reply, in tokens, thinking included. */
  maxTokens?: number
  /** The person's own, before the public ones. */
  prices?: Prices
  log: Log
  artifacts: Artifacts
  /** First wait before another try of a failed call; tests make it short. */
  firstWaitMs?: number
}

/**
 * An agent bound to one run. The n-th `run` of one attempt is the n-th of every attempt: what an earlier one had finished is
 * returned from the journal, what it had begun goes on.
 */
export function openAgent(options: AgentOptions): Agent {
  let conversations = 0
  return {
    async run<O extends z.ZodType>(task: AgentTask<O>): Promise<AgentResult<z.infer<O>>> {
      const session = openSession(options, task, conversations++)
      return (await converse(session)) as AgentResult<z.infer<O>>
    },
  }
}

type Session = ReturnType<typeof openSession>

function openSession(options: AgentOptions, task: AgentTask, number: number) {
  const { run } = options
  const { earlier, begunIn } = goneOnFrom(run, number)
  const state = () => conversationOf([...earlier, ...run.entries()], number)
  return {
    ...options,
    task,
    number,
    /** The same in every run that goes on with this conversation: what one asked for and did not hear, the next one hears. */
    keyOf: (turn: number) => `${begunIn}/${number > 0 ? `${number}.` : ''}${turn}`,
    /** Entries from here on are this attempt's own. */
    begunAt: run.entries().length,
    restore: restorer(options.artifacts),
    tools: toolParams(task),
    state,
    /** Everything said in this conversation carries its number. */
    append: (kind: 'prompt' | 'assistant' | 'result' | 'usage' | 'note', data: object) =>
      run.append(kind, { conversation: number, ...data }),
    turnsAtStart: state().turns,
  }
}

/** What the journal lacks is done, until it holds an accepted result. */
async function converse(session: Session): Promise<AgentResult<unknown>> {
  await sayEnds(session)
  for (;;) {
    session.task.signal.throwIfAborted()
    const state = session.state()
    if (state.submitted) return finish(session, state)
    if (!state.setup) await begin(session)
    else if (!state.open) await takeTurn(session, state, state.setup)
    else if (openCalls(state).length > 0) await runCalls(session, state, state.open)
    else await correct(session, state.open.stopReason)
  }
}

/** An attempt that was killed between a result and its note left a call that looks as if it still ran. */
async function sayEnds({ state, append }: Session): Promise<void> {
  const { unended, results } = state()
  for (const [callId, call] of unended) {
    const result = results.get(callId)
    if (result) await append('note', { type: 'tool', state: 'ended', callId, ...call, ok: result.ok })
  }
}

async function begin({ task, model, effort, maxTokens = MAX_TOKENS, artifacts, append }: Session): Promise<void> {
  const system = await store([{ type: 'text', text: task.system } as Anthropic.TextBlockParam], artifacts)
  const content = await store(task.prompt.map(blockOf), artifacts)
  await append('prompt', { content, setup: { system, model, maxTokens, ...(effort ? { effort } : {}) } })
}

async function finish({ restore, task, run, number }: Session, state: Conversation): Promise<AgentResult<unknown>> {
  const [block] = await restore(state.submitted ? [state.submitted] : [])
  const output = task.output.safeParse((block as Anthropic.ToolUseBlockParam).input)
  if (!output.success) throw new TerminalError('The result in the journal does not fit what is asked for now.')
  return { output: output.data, usage: usageIn(run, number), turns: state.turns }
}

/** All calls of this conversation, of whatever attempt. */
const usageIn = (run: Run, number: number): Usage =>
  usageOfRun(run.entries().filter(({ data }) => (data as { conversation?: number }).conversation === number))

// ── the model's turn ─────────────────────────────────────────────────────────

async function takeTurn(session: Session, state: Conversation, setup: Setup): Promise<void> {
  const { task, append } = session
  if (state.invalid > MAX_CORRECTIONS) throw new TerminalError('The model did not submit a result that can be used.')
  const maxTurns = task.limits?.maxTurns ?? MAX_TURNS
  if (state.turns >= maxTurns) throw new TerminalError(`The model did not submit a result in ${maxTurns} turns.`)

  const called = await callModel({
    access: session.access,
    body: await requestFor(session, state, setup),
    idempotencyKey: session.keyOf(state.turns),
    idleMs: task.limits?.idleMs ?? IDLE_MS,
    signal: task.signal,
    firstWaitMs: session.firstWaitMs,
    onRetry: ({ attempt, delayMs, why }) =>
      append('note', { type: 'retry', text: `The model did not answer (try ${attempt}): ${why}`, delayMs }),
    onLost: ({ usage, model, requestId }) => paid(session, { usage, model, call: requestId }),
  })
  await hear(session, called)
}

async function requestFor({ restore, tools }: Session, { messages }: Conversation, setup: Setup) {
  const system = (await restore(setup.system)) as Anthropic.TextBlockParam[]
  const said = messages.map(async ({ role, content }) => ({ role, content: await restore(content) }))
  return {
    model: setup.model,
    max_tokens: setup.maxTokens,
    // The order of the prompt is tools, system, messages: this mark holds the first two for an hour, the next one the tail for five minutes.
    system: system.map((block) => ({ ...block, cache_control: { type: 'ephemeral' as const, ttl: '1h' as const } })),
    cache_control: { type: 'ephemeral' as const },
    tools,
    messages: await Promise.all(said),
    // Left alone, newer models put what they say between calls into thinking that arrives empty.
    thinking: { type: 'adaptive' as const, display: 'summarized' as const },
    ...(setup.effort ? { output_config: { effort: setup.effort } } : {}),
  }
}

/** Money first: killed in between, the gateway says the same again for nothing, and the call's name keeps it counted once. */
async function hear(session: Session, { reply, requestId, scripted }: Called): Promise<void> {
  await introduce(session, { model: reply.model, ...(scripted ? { scripted } : {}) })
  await paid(session, { usage: reply.usage, model: reply.model, call: requestId })
  if (reply.stopReason === 'refusal') {
    const why = reply.refusal ? ` (${reply.refusal})` : ''
    throw new TerminalError(`The model refused to go on${why}, request ${requestId ?? 'without an id'}.`)
  }
  if (reply.stopReason === 'model_context_window_exceeded')
    throw new TerminalError('The conversation has outgrown what the model can read.')

  // The API gives empty text blocks and does not take them back.
  const keeps = reply.content.map((block) => block.type !== 'text' || block.text.trim() !== '')
  const content = await store(
    reply.content.filter((_, i) => keeps[i]),
    session.artifacts,
  )
  const calls = reply.calls.map((call) => ({ ...call, block: keeps.slice(0, call.block).filter(Boolean).length }))
  await session.append('assistant', { content, calls, stopReason: reply.stopReason, requestId })
  const text = reply.content.flatMap((b) => (b.type === 'text' && b.text.trim() ? [b.text] : [])).join('\n\n')
  if (text) await session.append('note', { type: 'text', text: text.slice(0, 20_000) })
}

const paid = ({ append, prices }: Session, told: { usage: ApiUsage; model: string; call: string | null }) =>
  append('usage', { ...told, usage: usageOf(told.usage, priceOf(told.model, prices)) } satisfies UsageEntry)

/** Who works, once the first reply has said so; again only if it is somebody else. */
async function introduce({ run }: Session, who: Pick<Occupant, 'model' | 'scripted'>): Promise<void> {
  const occupant: Occupant = { program: 'sluice', version: pack.version, engine: 'anthropic', ...who }
  const last = run.entries().findLast((e) => e.kind === 'session')?.data as SessionEntry | undefined
  if (last?.occupant.model === who.model && last?.occupant.scripted === who.scripted) return
  await run.append('session', { occupant } satisfies SessionEntry)
}

// ── the host's turn ──────────────────────────────────────────────────────────

async function runCalls(session: Session, state: Conversation, open: NonNullable<Conversation['open']>): Promise<void> {
  const { task, run, append, artifacts } = session
  const blocks = await session.restore(open.content)
  const calls: CallWithInput[] = openCalls(state).map((call) => ({
    ...call,
    input: (blocks[call.block] as Anthropic.ToolUseBlockParam).input,
  }))
  const isRead = (name: string) => task.tools?.some((t) => t.name === name && t.readOnly)
  const titles: string[] = []
  const unended = new Set(state.unended.keys())
  const note = async (call: Call, about: { state: 'started' | 'ended'; text: string } & Record<string, unknown>) => {
    // An attempt before this one may have said that it began: of each call people hear its beginning once, then its end.
    if (about.state === 'started' && unended.has(call.id)) return
    if (about.state === 'started') unended.add(call.id)
    else unended.delete(call.id)
    await append('note', { type: 'tool', callId: call.id, tool: call.name, ...about })
  }
  const desk: Desk = {
    task,
    refuse: open.stopReason === 'max_tokens' ? cutOff : null,
    begun: state.begun,
    resumed: state.turns === session.turnsAtStart,
    async onBegin(call, title) {
      await note(call, { state: 'started', text: title })
      if (!isRead(call.name)) await run.fence()
    },
    async onEnd({ call, ok, content, invalid, submitted }, about) {
      const stored = await store(content.map(blockOf), artifacts)
      await append('result', { callId: call.id, ok, content: stored, invalid, submitted })
      const { title: text, ...rest } = about
      titles.push(text)
      await note(call, { state: 'started', text })
      await note(call, { state: 'ended', text, ok, ...rest })
    },
    async onBreak(call, text, why) {
      if (why instanceof LeaseLost) return
      await note(call, { state: 'ended', text, ...(why instanceof Pause ? {} : { ok: false }) })
    },
  }
  await answerCalls(calls, desk)
  await task.onTurn?.({ number: state.turns, titles })
}

const cutOff =
  'Not run: your message was cut off at the longest length a message may have. Go on in smaller pieces: one call a message, less in each.'

/** A reply without a call: the model is told what is missing. */
async function correct({ append }: Session, stopReason: string): Promise<void> {
  const text =
    stopReason === 'max_tokens'
      ? 'Your message was cut off at the longest length a message may have. Go on from there in smaller pieces.'
      : 'Your message held no tool call. Go on with the work, or hand in your result with the tool submit; nobody reads what is not submitted.'
  await append('prompt', { content: [{ type: 'text', text }] })
}

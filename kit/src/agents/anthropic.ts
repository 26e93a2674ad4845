/** The engine `anthropic`: a loop of our own on the official SDK, a fold of the run's journal. */
import type Anthropic from '@anthropic-ai/sdk'
import type { Occupant, Usage, Words } from '@sluice/proto/parts.ts'
import pack from '../../package.json' with { type: 'json' }
import type { Agent, AgentResult, AgentTask } from '../agent.ts'
import type { Artifacts } from '../artifacts.ts'
import { attachedDir } from '../attached.ts'
import { wordsIn } from '../ear.ts'
import type { Engine } from '../engine.ts'
import { LeaseLost, Pause, TerminalError } from '../errors.ts'
import { deaf, type Hearing } from '../hearing.ts'
import type { Log } from '../log.ts'
import type { ModelAccess } from '../model-access.ts'
import { type ApiUsage, type Prices, priceOf, usageOf } from '../prices.ts'
import type { Window } from '../role-own.ts'
import type { Run, SessionEntry, UsageEntry } from '../run.ts'
import { usageOfRun } from '../run-usage.ts'
import { asWords, blind } from '../sight.ts'
import { wordsContent } from '../words.ts'
import type { Workshop } from '../workshop.ts'
import { compactAt, windowOf } from './abilities.ts'
import { type Called, type CallOptions, callModel, RequestRefused } from './call.ts'
import { askForSummary, begunAnew, lastWords } from './compaction.ts'
import { type Call, type Conversation, conversationOf, openCalls, type Setup } from './conversation.ts'
import { conversing } from './conversing.ts'
import { openEars } from './ears.ts'
import { goneOnFrom } from './gone-on-from.ts'
import { requestFor } from './request.ts'
import { blockOf, restorer, type Stored, store } from './stored.ts'
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
  window?: Window
  /** The model sees no pictures. */
  blind?: true
  /** The person's own, before the public ones. */
  prices?: Prices
  log: Log
  artifacts: Artifacts
  workshop?: Pick<Workshop, 'dataDir'>
  hearing?: Hearing
  /** How long it waits for a person's words once they have interrupted it. */
  wordsMs?: number
  /** First wait before another try of a failed call; tests make it short. */
  firstWaitMs?: number
}

export function openAgent(options: AgentOptions): Agent {
  const agent = conversing((task, number) => converse(openSession(options, task, number)))
  return options.blind ? blind(agent) : agent
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
    /**
     * The same in every run that goes on with this conversation: what one asked for and did not hear, the next one hears. Another one
     * once a person has spoken: then it is another question.
     */
    keyOf: ({ turns, told }: Conversation) =>
      `${begunIn}/${number > 0 ? `${number}.` : ''}${turns}${told.size > 0 ? `-${told.size}` : ''}`,
    /** Entries from here on are this attempt's own. */
    begunAt: run.entries().length,
    restore: restorer(options.artifacts),
    tools: toolParams(task),
    state,
    /** Everything said in this conversation carries its number. */
    append: (kind: 'prompt' | 'assistant' | 'result' | 'usage' | 'note', data: object) =>
      run.append(kind, { conversation: number, ...data }),
    turnsAtStart: state().turns,
    ears: openEars(options.hearing ?? deaf, task, options.wordsMs),
  }
}

/** What the journal lacks is done, until it holds an accepted result. */
async function converse(session: Session): Promise<AgentResult<unknown>> {
  await sayEnds(session)
  using ears = session.ears
  for (;;) {
    session.task.signal.throwIfAborted()
    const state = session.state()
    if (state.submitted) {
      if (await isLastWord(session)) return finish(session, state)
      continue
    }
    ears.check()
    if (await listenedTo(session, state)) continue
    if (!state.setup) await begin(session)
    else if (!state.open && isFull(state, state.setup)) await say(session, askForSummary, { compaction: 'asked' })
    else if (!state.open) await takeTurn(session, state, state.setup)
    else if (state.compacting) await beginAnew(session, state, await summaryIn(session, state.open.content))
    else if (state.open.stopReason === OUTGROWN) await beginAnew(session, state, lastWords(session.run))
    else if (openCalls(state).length > 0) await runCalls(session, state, state.open)
    else await correct(session, state.open.stopReason)
  }
}

// ── a person in the conversation ─────────────────────────────────────────────

const untold = ({ run, state }: Session): Words[] => wordsIn(run).filter(({ id }) => !state().told.has(id))

/** Between two turns a person is waited for where they interrupted, and the model told what they said. */
async function listenedTo(session: Session, state: Conversation): Promise<boolean> {
  if (!state.setup || openCalls(state).length > 0) return false
  if (session.ears.interrupted) await waitForWords(session)
  // A summary that was asked for is heard first: what a person says then is the first of the new conversation.
  else if (untold(session).length > 0 && !state.compacting && state.open?.stopReason !== OUTGROWN) await tell(session)
  else return false
  return true
}

/** In an entry of its own: what the model was asked before is never asked anew with other words. */
async function tell(session: Session): Promise<void> {
  const { artifacts, task, append, run, workshop } = session
  const words = untold(session)
  const about = { artifacts, dir: workshop && task.place ? attachedDir(workshop.dataDir, run.storyId) : null }
  const whole = (await Promise.all(words.map((one) => wordsContent(one, about)))).flat()
  const said = session.blind ? asWords(whole) : whole
  await append('prompt', { content: await store(said.map(blockOf), artifacts), said: words.map(({ id }) => id) })
}

/** Who speaks while the model hands in is still heard. */
async function isLastWord(session: Session): Promise<boolean> {
  await session.ears.close()
  if (untold(session).length === 0) return true
  session.ears.open()
  await tell(session)
  return false
}

async function waitForWords(session: Session): Promise<void> {
  const text = 'Interrupted: it waits for your words, and goes on by itself after a minute.'
  await session.append('note', { type: 'interrupted', text })
  await session.ears.quiet(() => untold(session).length > 0)
}

/** An attempt that was killed between a result and its note left a call that looks as if it still ran. */
async function sayEnds({ state, append }: Session): Promise<void> {
  const { unended, results } = state()
  for (const [callId, call] of unended) {
    const result = results.get(callId)
    if (result) await append('note', { type: 'tool', state: 'ended', callId, ...call, ok: result.ok })
  }
}

async function begin(session: Session): Promise<void> {
  const { task, model, effort, maxTokens = MAX_TOKENS, window = {}, artifacts, append } = session
  const system = await store([{ type: 'text', text: task.system } as Anthropic.TextBlockParam], artifacts)
  const content = await store(task.prompt.map(blockOf), artifacts)
  const { tokens = windowOf(model), compactAt: share } = window
  const full = task.limits?.compactAtTokens ?? compactAt({ tokens, maxTokens, ...(share && { share }) })
  await append('prompt', {
    content,
    setup: { system, model, maxTokens, compactAt: full, ...(effort ? { effort } : {}) },
  })
}

const say = ({ append }: Session, text: string, more: { compaction?: 'asked' } = {}): Promise<void> =>
  append('prompt', { content: [{ type: 'text', text }], ...more })

// ── a conversation that grew too long ────────────────────────────────────────

const OUTGROWN = 'model_context_window_exceeded'

/** Begun anew it must be much shorter, or a task that is long by itself would have it begun anew at every turn. */
const isFull = ({ context, floor, compacting, messages }: Conversation, { compactAt: full }: Setup): boolean =>
  !compacting && messages.length > 1 && full !== undefined && context >= Math.max(full, floor + full / 4)

const summaryIn = async ({ restore, run }: Session, content: Stored[]): Promise<string> =>
  textIn(await restore(content)) || lastWords(run)

async function beginAnew(session: Session, state: Conversation, summary: string): Promise<void> {
  const { task, run, number, append, artifacts } = session
  if (state.messages.length <= 1 && !state.compacting)
    throw new TerminalError('What the agent is told to begin with is longer than what the model can read.')
  const content = begunAnew({ conversation: state, run, number, tools: task.tools ?? [] }, summary)
  const tokens = state.context.toLocaleString('en')
  await append('prompt', { content: await store(content, artifacts), compaction: 'done' })
  await append('note', {
    type: 'compaction',
    text: `The conversation was begun anew with a summary, at ${tokens} tokens.`,
  })
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

  const called = await callUnlessInterrupted(session, {
    access: session.access,
    body: await requestFor(state, setup, session),
    idempotencyKey: session.keyOf(state),
    idleMs: task.limits?.idleMs ?? IDLE_MS,
    signal: session.ears.signal,
    firstWaitMs: session.firstWaitMs,
    onRetry: ({ attempt, delayMs, why }) =>
      append('note', { type: 'retry', text: `The model did not answer (try ${attempt}): ${why}`, delayMs }),
    onLost: ({ usage, model, requestId }) => paid(session, { usage, model, call: requestId }),
  }).catch((error: unknown) => tooLong(error, state, setup))
  if (called === 'too long') await beginAnew(session, state, lastWords(session.run))
  else if (called) await hear(session, called)
}

/** Null when the person ended it: asked again without a word from them, it is the same call. */
async function callUnlessInterrupted({ ears, task }: Session, call: CallOptions): Promise<Called | null> {
  try {
    return await callModel(call)
  } catch (error) {
    task.signal.throwIfAborted()
    if (ears.interrupted && !(error instanceof Pause) && !(error instanceof TerminalError)) return null
    throw error
  }
}

/** One turn can read more at once than there is room for. The API has no name for that error but its status: a short conversation has another one. */
function tooLong(error: unknown, { context, messages }: Conversation, { compactAt: full = 0 }: Setup): 'too long' {
  const status = error instanceof RequestRefused ? error.status : null
  if (messages.length > 1 && (status === 413 || (status === 400 && context > full / 2))) return 'too long'
  throw error
}

/** Money first: killed in between, the gateway says the same again for nothing, and the call's name keeps it counted once. */
async function hear(session: Session, { reply, requestId, scripted }: Called): Promise<void> {
  await introduce(session, { model: reply.model, ...(scripted ? { scripted } : {}) })
  await paid(session, { usage: reply.usage, model: reply.model, call: requestId })
  if (reply.stopReason === 'refusal') {
    const why = reply.refusal ? ` (${reply.refusal})` : ''
    throw new TerminalError(`The model refused to go on${why}, request ${requestId ?? 'without an id'}.`)
  }
  // The API gives empty text blocks and does not take them back.
  const keeps = reply.content.map((block) => block.type !== 'text' || block.text.trim() !== '')
  const content = await store(
    reply.content.filter((_, i) => keeps[i]),
    session.artifacts,
  )
  const calls = reply.calls.map((call) => ({ ...call, block: keeps.slice(0, call.block).filter(Boolean).length }))
  await session.append('assistant', { content, calls, stopReason: reply.stopReason, requestId })
  const text = textIn(reply.content)
  if (text) await session.append('note', { type: 'text', text: text.slice(0, 20_000) })
}

const textIn = (blocks: readonly { type: string; text?: string }[]): string =>
  blocks.flatMap(({ type, text = '' }) => (type === 'text' && text.trim() ? [text] : [])).join('\n\n')

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
  const { run, append, artifacts, ears } = session
  const task = { ...session.task, signal: ears.signal }
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
    get refuse() {
      if (open.stopReason === 'max_tokens') return cutOff
      return ears.interrupted ? putDown : null
    },
    check: ears.check,
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

const putDown = 'Not run: the person interrupted before it began.'
const cutOff =
  'Not run: your message was cut off at the longest length a message may have. Go on in smaller pieces: one call a message, less in each.'

/** A reply without a call: the model is told what is missing. */
async function correct(session: Session, stopReason: string): Promise<void> {
  const text =
    stopReason === 'max_tokens'
      ? 'Your message was cut off at the longest length a message may have. Go on from there in smaller pieces.'
      : 'Your message held no tool call. Go on with the work, or hand in your result with the tool submit; nobody reads what is not submitted.'
  await say(session, text)
}

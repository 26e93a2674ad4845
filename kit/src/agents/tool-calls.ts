/** Runs the calls of one message: reads beside each other, all else in order, one result each. */
import type { AgentTask, AnyTool, Content, ToolResult } from '../agent.ts'
import { LeaseLost, Pause, TerminalError } from '../errors.ts'
import { clip } from './clip.ts'
import type { Call } from './conversation.ts'
import { Interrupted } from './ears.ts'
import { checkSubmitted, parseInput, SUBMIT } from './submit.ts'

/** A call with the input its block holds. */
export type CallWithInput = Call & { input: unknown }

export type CallResult = { call: Call; ok: boolean; content: Content[]; invalid: boolean; submitted: boolean }

export type Desk = {
  task: AgentTask
  /** Why calls of this message must not run (any more): cut off in the middle, or a person interrupted. */
  readonly refuse: string | null
  /** Throws where the person wants the tools put down. */
  check?(): void
  /** Calls an earlier attempt began; of those without a result nobody knows what they did. */
  begun: ReadonlySet<string>
  /** This message was answered by an earlier attempt of the run. */
  resumed: boolean
  /** Written down before a tool runs; rejects when the lease is lost. */
  onBegin(call: Call, title: string): Promise<void>
  /** Written down before the next tool runs. */
  onEnd(result: CallResult, about: { title: string; ms: number; exitCode?: number }): Promise<void>
  /** It ended without a result, and the run with it: a question, a stop. */
  onBreak(call: Call, title: string, why: unknown): Promise<void>
}

export async function answerCalls(calls: readonly CallWithInput[], desk: Desk): Promise<void> {
  for (const batch of batches(calls, desk.task.tools ?? [])) {
    desk.check?.()
    const planned = batch.map((call) => ({ call, plan: planFor(call, desk) }))
    for (const { call, plan } of planned) if ('run' in plan) await desk.onBegin(call, plan.title)

    const ended = await Promise.allSettled(planned.map(({ call, plan }) => carryOut(call, plan, desk)))
    // What has a result keeps it, also when its neighbour stops the whole run.
    for (const one of ended) if (one.status === 'fulfilled') await desk.onEnd(one.value.result, one.value.about)
    for (const [i, one] of ended.entries()) {
      const broken = planned[i]
      if (one.status === 'rejected' && broken) await desk.onBreak(broken.call, titleOf(broken), one.reason)
    }
    for (const one of ended) if (one.status === 'rejected') throw one.reason
  }
}

/** Neighbouring reads together, every other call alone. */
function batches<C extends Call>(calls: readonly C[], tools: readonly AnyTool[]): C[][] {
  const isRead = (call?: Call) => tools.find((t) => t.name === call?.name)?.readOnly === true
  const all: C[][] = []
  for (const call of calls) {
    const last = all.at(-1)
    if (last && isRead(call) && isRead(last[0])) last.push(call)
    else all.push([call])
  }
  return all
}

const titleOf = ({ call, plan }: { call: Call; plan: Plan }) => ('title' in plan ? plan.title : call.name)

type Plan = { answer: string; invalid: boolean } | { run(): Promise<ToolResult>; title: string; submits: boolean }

function planFor(call: CallWithInput, desk: Desk): Plan {
  const { task } = desk
  if (desk.refuse) return { answer: desk.refuse, invalid: true }
  if (call.broken) return { answer: 'Not run: the input of this call is not valid JSON.', invalid: true }
  // To check a result changes nothing, so this one alone may be begun twice.
  if (call.name === SUBMIT) return planSubmit(call, task)

  const tool = task.tools?.find((t) => t.name === call.name)
  if (desk.begun.has(call.id) && !tool?.repeatable) return { answer: interrupted, invalid: false }
  if (!tool) return { answer: `There is no tool ${call.name}. ${toolList(task)}`, invalid: true }
  if (tool.stateful && desk.resumed) return { answer: notBegun, invalid: false }
  const input = parseInput(tool.input, call.input)
  if ('problem' in input) return { answer: `Not run, the input does not fit:\n${input.problem}`, invalid: true }
  const run = () => tool.run(input.value, { callId: call.id, signal: task.signal })
  return { run, title: tool.title?.(input.value) ?? call.name, submits: false }
}

function planSubmit(call: CallWithInput, task: AgentTask): Plan {
  const input = parseInput(task.output, call.input)
  if ('problem' in input) return { answer: `Not accepted, it does not fit:\n${input.problem}`, invalid: true }
  return { run: () => checkSubmitted(task, input.value), title: SUBMIT, submits: true }
}

const interrupted =
  'interrupted, state unknown; the shell is new. This call was begun and its end was not seen: look at what it left before you go on.'
const notBegun =
  'Not run: the work was interrupted before this call. The shell is new: its directory and variables are as at the start.'
const putDown = 'The person interrupted this call in the middle: look at what it left before you go on.'
const toolList = ({ tools }: AgentTask) => `The tools are: ${[...(tools ?? []).map((t) => t.name), SUBMIT].join(', ')}.`

async function carryOut(call: Call, plan: Plan, { task }: Desk) {
  const from = performance.now()
  const about = (title: string) => ({ title, ms: Math.round(performance.now() - from) })
  if ('answer' in plan) {
    const content = [{ type: 'text' as const, text: plan.answer }]
    return { result: { call, ok: false, content, invalid: plan.invalid, submitted: false }, about: about(call.name) }
  }
  const { ok, content, exitCode } = await plan.run().catch((error: unknown) => asResult(error, task.signal))
  const result = { call, ok, content: forModel(content), invalid: false, submitted: plan.submits && ok }
  return { result, about: { ...about(plan.title), ...(exitCode === undefined ? {} : { exitCode }) } }
}

/** A tool that threw is an answer for the model, unless the run itself cannot go on. */
function asResult(error: unknown, signal: AbortSignal): ToolResult {
  if (signal.reason instanceof Interrupted) return { ok: false, content: [{ type: 'text', text: putDown }] }
  signal.throwIfAborted()
  if (error instanceof Pause || error instanceof LeaseLost || error instanceof TerminalError) throw error
  return { ok: false, content: [{ type: 'text', text: `Error: ${error instanceof Error ? error.message : error}` }] }
}

/** The API takes no empty text, and a model no endless one. */
function forModel(content: Content[]): Content[] {
  const kept = content.flatMap((c) => (c.type === 'text' ? textOf(clip(c.text)) : [c]))
  return kept.length > 0 ? kept : [{ type: 'text', text: '(no output)' }]
}

const textOf = (text: string): Content[] => (text.trim() === '' ? [] : [{ type: 'text', text }])

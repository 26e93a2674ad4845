/** What is said to an agent, prompt by prompt, until it has handed in its result: and to its next program, where one died. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PromptResponse, ToolCallUpdate } from '@agentclientprotocol/sdk'
import { noUsage, type Words } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import type { Content } from '../../agent.ts'
import { attachedDir } from '../../attached.ts'
import { TerminalError } from '../../errors.ts'
import { offeredTools } from '../../host-tools.ts'
import { ownServers } from '../../mcp/own-servers.ts'
import { mayNow } from '../../permits.ts'
import type { Entry } from '../../run.ts'
import { wordsContent } from '../../words.ts'
import { SUBMIT } from '../submit.ts'
import { AgentDied, type AgentProcess, startAgent } from './agent-process.ts'
import { agentFiles } from './files.ts'
import type { Decided } from './permission.ts'
import { afterwards, blocksOf, firstPrompt, GO_ON, NUDGE } from './prompts.ts'
import { SaidEntry } from './session-state.ts'
import type { AtWork } from './work.ts'

/** Starts of the program in one attempt. */
const MAX_STARTS = 3
/** Prompts in a row that ended without a result, before the run is given up. */
const MAX_NUDGES = 3
/** Calls of the model in a row that failed for good in the agent's eyes and not in ours. */
const MAX_TRIES = 4
const FIRST_WAIT_MS = 1_000
/** After an interruption, for the person to say what they want instead. */
const WORDS_MS = 60_000

/** Ends by itself only with what stops the run; else when the conversation is over. */
export async function talk(at: AtWork): Promise<void> {
  for (let starts = 1; ; starts++) {
    try {
      return await talkOnce(at)
    } catch (error) {
      if (at.over.aborted) return
      at.updates.settle()
      await at.calls.endAll()
      if (!(error instanceof AgentDied) || starts >= MAX_STARTS) throw error
      await at.run.append('note', { type: 'text', text: `${error.message} It is started again.` })
    }
  }
}

async function talkOnce(at: AtWork): Promise<void> {
  const { over, mouth, updates } = at
  await using agent = await started(at)
  const done = new Promise<'over'>((resolve) => over.addEventListener('abort', () => resolve('over'), { once: true }))
  let { session, prompt } = await opened(agent, at)
  let [nudges, tries] = [0, 0]
  for (;;) {
    if (over.aborted) return
    let isInterrupted = false
    mouth.onInterrupt(async () => {
      isInterrupted = true
      await agent.cancel(session)
    })
    mouth.check()
    const waiting = mouth.waiting()
    const whole: Content[] = [...prompt, ...(await contentOf(waiting, at))]
    await tell(at, session, whole)
    await mouth.passedOn(waiting)
    const seen = at.seen()
    const blocks = blocksOf(whole, agent.takesImages && !at.choice.blind)
    const ended = await Promise.race([agent.prompt(session, blocks).catch(failure), done])
    if (ended === 'over') return
    updates.settle()
    if (ended instanceof AgentDied) throw ended
    if (at.seen() === seen) await countElsewhere(at, ended)

    const trouble = at.trouble
    if (isInterrupted) {
      await Promise.race([mouth.within(at.wordsMs ?? WORDS_MS), done])
      prompt = mouth.waiting().length > 0 ? [] : asText(GO_ON)
      ;[nudges, tries] = [0, 0]
    } else if (trouble) {
      if (trouble.kind === 'never' || ++tries > MAX_TRIES) throw troubled(trouble)
      const wait = trouble.kind === 'retry' ? trouble.afterMs : null
      await sleep(wait ?? FIRST_WAIT_MS * 2 ** tries, null, { signal: over })
      prompt = asText(GO_ON)
    } else if (ended instanceof Error) {
      throw ended
    } else if (ended.stopReason === 'refusal') {
      throw new TerminalError('The agent refused to go on.')
    } else if (mouth.waiting().length > 0) {
      prompt = []
    } else {
      if (++nudges > MAX_NUDGES) throw new TerminalError(`The agent stopped ${nudges} times and did not submit.`)
      prompt = asText([...at.refusals.splice(0), NUDGE].join('\n'))
    }
  }
}

const contentOf = async (words: readonly Words[], { artifacts, task, run, workshop }: AtWork): Promise<Content[]> => {
  const about = { artifacts, dir: task.place ? attachedDir(workshop.dataDir, run.storyId) : null }
  return (await Promise.all(words.map((one) => wordsContent(one, about)))).flat()
}

const asText = (text: string): Content[] => [{ type: 'text', text }]
const failure = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

function troubled(trouble: NonNullable<AtWork['trouble']>): Error {
  const why = 'why' in trouble ? trouble.why : trouble.kind
  return trouble.kind === 'never' ? new TerminalError(`The model's provider refuses: ${why}`) : new Error(why)
}

async function started(at: AtWork): Promise<AgentProcess> {
  const { name, config, choice, place, task, run, workshop, updates, asks } = at
  const mcp = ownServers(at.mcp ?? [])
  for (const text of mcp.without) await run.append('note', { type: 'text', text })
  const agent = await startAgent({
    ...{ name, config, model: choice.model, place, hasPlace: task.place !== undefined, mcp, asks, hosted: true },
    home: join(run.dir, 'agent'),
    files: task.place ? await agentFiles(task.place.dir, () => run.fence()) : null,
    started: workshop.started,
    onUpdate: updates.on,
    decide: (call, signal) => decide(at, call, signal),
    over: at.over,
  })
  at.who = { ...at.who, program: agent.info.name, version: agent.info.version }
  return agent
}

/** Null where nobody waits for the answer any more. */
async function decide(at: AtWork, call: ToolCallUpdate, signal: AbortSignal): Promise<Decided | null> {
  if (at.over.aborted) return null
  const wanted = at.updates.wanted(call)
  if (!wanted || at.permits.byPolicy(wanted)) return { allow: true }
  try {
    const { allow, reason } = await at.permits.ask(wanted, AbortSignal.any([signal, at.over]))
    if (allow) return { allow }
    at.updates.refused(call.toolCallId)
    // The protocol has no word for why.
    at.refusals.push(`The person does not allow it: ${wanted.title}. ${reason ?? ''}`.trim())
    return { allow }
  } catch (error) {
    if (!signal.aborted) at.stop(error)
    return null
  }
}

/** The session it had, or a new one; and what is said first in it. */
async function opened(agent: AgentProcess, at: AtWork): Promise<{ session: string; prompt: Content[] }> {
  const { sessionId, begun } = at.state()
  const found = sessionId ? await agent.resume(sessionId) : null
  const decided = mayNow(at.run.earlier, at.permissions?.decided)
  if (found) return { session: found, prompt: asText([GO_ON, ...decided].join('\n')) }
  const names = [...offeredTools(at.task).map(({ name }) => name), SUBMIT]
  const first = firstPrompt(at.task, names)
  const told = begun ? asText(afterwards(toldIn([...at.run.earlier, ...at.run.entries()], at.number))) : []
  return { session: await agent.begin(), prompt: [...first, ...told, ...decided.flatMap(asText)] }
}

const MOST_TOLD = 60
const Told = z.looseObject({
  type: z.string(),
  text: z.string(),
  state: z.string().optional(),
  ok: z.boolean().optional(),
})

/** What people heard of this work, in short. */
const toldIn = (entries: readonly Entry[], number: number): string[] =>
  entries
    .flatMap(({ kind, data }) => (kind === 'note' ? (Told.safeParse(data).data ?? []) : []))
    .filter((note) => note.acp === number || note.hosted === number)
    .flatMap(({ type, text, state, ok }) => {
      if (type === 'text') return [text.split('\n')[0]?.slice(0, 300) ?? '']
      return type === 'tool' && state === 'ended'
        ? [`${text}${ok === false ? ' (failed or not seen to end)' : ''}`]
        : []
    })
    .slice(-MOST_TOLD)

const LONGEST_SAID = 100_000

async function tell({ run, name, choice, number }: AtWork, id: string, content: readonly Content[]): Promise<void> {
  const text = content.map((one) => (one.type === 'text' ? one.text : '[picture]')).join('\n\n')
  const session = { engine: name, model: choice.model, id }
  await run.append('prompt', SaidEntry.parse({ acp: number, session, text: text.slice(0, LONGEST_SAID) }))
}

const Reported = z.object({
  usage: z.object({
    inputTokens: z.number().nullish(),
    outputTokens: z.number().nullish(),
    cachedReadTokens: z.number().nullish(),
    cachedWriteTokens: z.number().nullish(),
  }),
})

/** An agent that asks another provider passes no door of ours: what it says of itself is all there is. */
async function countElsewhere({ run, number, choice, who }: AtWork, ended: PromptResponse | Error): Promise<void> {
  const reported = Reported.safeParse(ended).data?.usage
  if (!reported) return
  const { inputTokens, outputTokens, cachedReadTokens, cachedWriteTokens } = reported
  const usage = {
    ...noUsage,
    ...{ inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 },
    ...{ cacheReadTokens: cachedReadTokens ?? 0, cacheWriteTokens: cachedWriteTokens ?? 0 },
  }
  await run.append('session', { occupant: { ...who, model: choice.model } })
  await run.append('usage', { acp: number, usage, model: choice.model })
}

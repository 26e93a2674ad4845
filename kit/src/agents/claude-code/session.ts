/** One attempt at one conversation with Claude Code: everything it needs opened, everything it tells heard. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Artifact } from '@sluice/proto/parts.ts'
import type { Said } from '@sluice/proto/said.ts'
import type { AgentTask, Place } from '../../agent.ts'
import { pauseFor } from '../../ear.ts'
import type { EngineOptions } from '../../engine.ts'
import { Pause, TerminalError } from '../../errors.ts'
import { HOST_TOOLS_PATH, openHostTools } from '../../host-tools.ts'
import { mailbox } from '../../mailbox.ts'
import { ownServers } from '../../mcp/own-servers.ts'
import { openPermits, type PermissionRules, type WantedCall } from '../../permits.ts'
import { programSight } from '../../program-sight.ts'
import type { ToldCalls } from '../../told-calls.ts'
import type { Trouble } from '../trouble.ts'
import { watchModel } from '../watch-model.ts'
import type { Cli } from './cli.ts'
import { HOOK_PATH } from './command.ts'
import { removeMcpFile, transcriptFile } from './config-dir.ts'
import { allowCall, hookHandler, NOTED, permission, type Told } from './hook.ts'
import { givenPrompt } from './long-prompt.ts'
import { hearPerson, noteHeard, passWords } from './person.ts'
import { versionOf } from './probe.ts'
import { openScreen } from './screen.ts'
import type { ClaudeCodeSettings } from './settings.ts'
import { isHosted, openTelling } from './telling.ts'
import { titleOf } from './titles.ts'

export const SIZE = { cols: 120, rows: 36 }
const IDLE_MS = 120_000
/** Neither a model nor a tool at work for so long: something on its screen waits for somebody. */
const STUCK_MS = 90_000
/** The transcript is written a little later than the end of a turn is told. */
const TRANSCRIPT_MS = 1_000
const PERMISSION_MS = 120_000
/** It asks for our tools while it starts. */
const TOOLS_MS = 5_000

/** What the loop decides about. */
export type Moment =
  | { kind: 'done'; input: unknown }
  /** It ended its turn; or could not, for want of a model. */
  | { kind: 'stopped' | 'failed' }
  | { kind: 'stuck' | 'interrupted' }
  | { kind: 'gone'; exitCode: number | null; life: number }
  | { kind: 'over'; error: unknown }

type Now = {
  cli: Cli | null
  /** The id of its conversation, once there is one. */
  session: string | null
  lives: number
  /** In a turn. */
  busy: boolean
  /** Words that it has taken from its terminal. */
  prompts: number
  /** When it last gave a sign of life. */
  sign: number
  trouble: Trouble | null
  /** Words of a person that it has not got yet, and those it may have got. */
  words: { id: string; text: string; attachments: readonly Artifact[]; typed: boolean }[]
  /** After what is being typed. */
  typing: Promise<unknown>
  /** The pause that a person wishes for. */
  wish: Extract<Said, { do: 'pause' }> | null
  /** A person types at its terminal. */
  taken: NodeJS.Timeout | undefined
}

export type Opening = { number: number; calls: ToldCalls; stack: AsyncDisposableStack }
export type Session = Awaited<ReturnType<typeof openSession>>

export async function openSession(
  options: EngineOptions & { settings: ClaudeCodeSettings },
  given: AgentTask,
  { number, calls, stack }: Opening,
) {
  const { run, workshop, artifacts, prices, hearing } = options
  const program = programSight(options.settings.command)
  const version = (await versionOf(program.command)) ?? 'unknown'
  const home = join(run.dir, 'claude-code')
  const place = given.place ?? (await emptyPlace(join(home, 'place'), options))
  const prompt = givenPrompt(given.prompt)
  const mcp = ownServers(options.mcp ?? [])
  for (const text of mcp.without) await run.append('note', { type: 'text', text })
  const task: AgentTask = { ...given, tools: [...(given.tools ?? []), ...prompt.tools] }
  const moments = mailbox<Moment>()
  const over = (error: unknown) => moments.put({ kind: 'over', error })
  /** What is known of the program from moment to moment. */
  const now: Now = {
    cli: null,
    session: null,
    lives: 0,
    busy: false,
    prompts: 0,
    ...{ words: [], typing: Promise.resolve(), wish: null },
    sign: Date.now(),
    trouble: null,
    taken: undefined,
  }
  const sign = () => {
    now.sign = Date.now()
  }

  const watched = () => watch.settled()
  const telling = openTelling({ run, number, task, cwd: place.dir, calls, watched, ...(prices && { prices }) })
  const permits = openPermits(run, options.permissions ?? rulesFor(place))
  const onEnd = ({ title }: { title: string }) => telling.hosted(title)
  const host = openHostTools({ task, run, artifacts, number, calls, onEnd })
  host.submitted.then((input) => moments.put({ kind: 'done', input }), over)
  const watch = watchModel({
    ...{ run, number, idleMs: task.limits?.idleMs ?? IDLE_MS },
    who: { program: 'claude-code', version, engine: 'claude-code' },
    ...(prices && { prices }),
    ...{ onSign: sign, onError: over },
    onRefused: (why) => over(new TerminalError(why)),
    onTrouble(trouble) {
      now.trouble = trouble
      // The gateway knows more of why than its answer says.
      if (trouble.kind === 'wait')
        void Promise.resolve(options.access.refusal?.())
          .catch(() => null)
          .then((waiting) => over(new Pause(waiting ?? trouble.waiting)))
    },
  })
  const stopping = new AbortController()
  const session = {
    ...{ options, task, number, run, place, home, configDir: join(home, 'config'), program, prompt: prompt.text, mcp },
    ...{ host, telling, permits, watch, moments, over, now, sign, calls, signal: stopping.signal },
    hasPlace: given.place !== undefined,
    screen: stack.use(await openScreen({ run, workshop, title: 'Claude Code' }, SIZE)),
  }

  const abort = () => over(task.signal.reason)
  task.signal.addEventListener('abort', abort, { once: true })
  if (task.signal.aborted) abort()
  stack.defer(async () => {
    task.signal.removeEventListener('abort', abort)
    stopping.abort(new Error('The conversation is over.'))
    await now.cli?.end()
    removeMcpFile(session.configDir)
    await watch.settled()
    await noteHeard(session).catch(() => undefined)
    // Where the lease is lost, the next attempt ends them in its journal.
    await calls.endAll().catch(() => undefined)
  })
  stack.use(workshop.watch(watch))
  stack.use(workshop.serve(HOST_TOOLS_PATH, host.answer))
  stack.use(
    workshop.serve(
      HOOK_PATH,
      hookHandler((told) => heard(session, told)),
    ),
  )
  stack.use(hearing.listen((said) => hearPerson(session, said)))
  const clock = setInterval(() => lookIfStuck(session), 1_000).unref()
  stack.defer(() => clearInterval(clock))
  return session
}

/** Without a place it has an empty one, and nothing to use there. */
async function emptyPlace(dir: string, { workshop }: EngineOptions): Promise<Place> {
  await mkdir(dir, { recursive: true })
  return { dir, ...(await workshop.jailed(dir)) }
}

const rulesFor = ({ jail }: Place): PermissionRules => ({
  policy: jail.kind === 'none' ? 'ask' : 'all',
  ...{ waitMs: PERMISSION_MS, decided: [] },
})

function lookIfStuck({ now, watch, calls, moments, sign }: Session): void {
  if (!now.busy || watch.open > 0 || calls.open().length > 0 || Date.now() - now.sign < STUCK_MS) return
  sign()
  moments.put({ kind: 'stuck' })
}

// ── what its hooks tell ──────────────────────────────────────────────────────

/** What goes wrong here ends the run; the program is told no more than that it may not. */
async function heard(session: Session, told: Told): Promise<object> {
  session.sign()
  try {
    return await answered(session, told)
  } catch (error) {
    session.over(error)
    return told.hook_event_name === 'PermissionRequest' ? permission({ allow: false }) : NOTED
  }
}

async function answered(session: Session, told: Told): Promise<object> {
  const { telling, permits, now, moments, calls, run, host } = session
  switch (told.hook_event_name) {
    case 'UserPromptSubmit':
      now.busy = true
      now.prompts++
      // Not waited for: it takes no words before this is answered.
      if (now.prompts === 1) void passWords(session).catch(session.over)
      // Tools that come later are another prompt, and nothing of the first one is found in the cache.
      await Promise.race([host.listed, delay(TOOLS_MS)])
      return NOTED
    case 'PreToolUse': {
      await readTranscript(session)
      await telling.began(told)
      const wanted = wantedIn(session, told)
      session.screen.mark(wanted.title)
      return isHosted(told.tool_name) || permits.byPolicy(wanted) ? allowCall : NOTED
    }
    case 'PermissionRequest':
      return permission(await decided(session, told))
    case 'PostToolUse':
    case 'PostToolUseFailure':
      // A question that is still open was answered at the terminal: the tool has run.
      permits.seen(wantedIn(session, told), true)
      await telling.ended(told, { ok: told.hook_event_name === 'PostToolUse' })
      return NOTED
    case 'PostToolBatch': {
      if (told.agent_id) return NOTED
      // What was not allowed has no end of its own.
      const ids = new Set(told.tool_calls.map((call) => call.tool_use_id))
      for (const call of calls.open()) if (ids.has(call.id)) await calls.end(call, { ok: false })
      await readTranscript(session)
      await telling.turn()
      await betweenTurns(session)
      return NOTED
    }
    case 'Stop':
      await readTranscript(session, told.last_assistant_message ?? undefined)
      now.busy = false
      await betweenTurns(session)
      permits.dropAll('The question was closed at the terminal.')
      moments.put({ kind: 'stopped' })
      return NOTED
    case 'StopFailure':
      now.busy = false
      moments.put({ kind: 'failed' })
      return NOTED
    case 'PostCompact':
      await run.append('note', { type: 'compacted', text: 'Claude Code has shortened its conversation.' })
      return NOTED
    default:
      return NOTED
  }
}

/** The words it has by now are noted; a pause that was wished for begins. */
async function betweenTurns(session: Session): Promise<void> {
  await noteHeard(session)
  if (session.now.wish) session.over(pauseFor(session.now.wish))
}

async function decided(session: Session, told: Extract<Told, { tool_name: string }>) {
  const { permits, calls, signal } = session
  const wanted = wantedIn(session, told)
  if (isHosted(told.tool_name) || permits.byPolicy(wanted)) return { allow: true }
  const decision = await permits.ask(wanted, signal)
  if (!decision.allow) {
    // This hook does not say of which call it is, and no end of it is told.
    const call = calls.open().findLast(({ tool, title }) => tool === wanted.tool && title === wanted.title)
    if (call) await calls.end(call, { ok: false })
  }
  return decision
}

const KINDS: Record<string, WantedCall['kind']> = {
  ...{ Read: 'read', Glob: 'read', Grep: 'read', TaskOutput: 'read', TodoWrite: 'read' },
  ...{ Edit: 'edit', Write: 'edit', NotebookEdit: 'edit', Bash: 'execute' },
}

function wantedIn(
  { place }: Session,
  { tool_name: tool, tool_input: input }: Extract<Told, { tool_name: string }>,
): WantedCall {
  return { tool, kind: KINDS[tool] ?? 'other', title: titleOf(tool, input, place.dir), input }
}

/** Up to the words that are known to have been said, if some are. */
export async function readTranscript({ telling, configDir, now }: Session, until?: string): Promise<void> {
  for (const late = Date.now() + TRANSCRIPT_MS; ; await delay(25)) {
    const file = now.session && transcriptFile(configDir, now.session)
    if (file) await telling.read(file)
    if (until === undefined || telling.said() === until || Date.now() > late) return
  }
}

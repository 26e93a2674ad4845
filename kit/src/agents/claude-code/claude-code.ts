/** The engine `claude-code`: the person's own `claude` on a terminal in the run's jail. Hooks and transcript say what it does; the terminal is the picture. */

import { randomUUID } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { addUsage, noUsage, type Usage } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import type { AgentResult, AgentTask, Place } from '../../agent.ts'
import type { Engine, EngineOptions } from '../../engine.ts'
import { Pause, TerminalError } from '../../errors.ts'
import { handedInBefore, hostedCalls } from '../../host-tools.ts'
import { forwardPort } from '../../jail.ts'
import { FORWARDER } from '../../jail-mounts.ts'
import { redact } from '../../log.ts'
import { mayNow } from '../../permits.ts'
import type { Entry, Run } from '../../run.ts'
import { toldCalls } from '../../told-calls.ts'
import { conversing } from '../conversing.ts'
import { store } from '../stored.ts'
import { startCli } from './cli.ts'
import { commandLine, environment } from './command.ts'
import { canResume, prepareConfigDir, writeMcpFile } from './config-dir.ts'
import { noteHeard, recallWords } from './person.ts'
import { probeClaudeCode } from './probe.ts'
import { openSession, readTranscript, type Session, SIZE } from './session.ts'
import { ClaudeCodeSettings, CREDENTIALS, credentialsFile } from './settings.ts'
import { type } from './typing.ts'
import { goOn, interruptedGoOn, reminder, resumed, systemWords } from './words.ts'

const MAX_TURNS = 400
/** Times it stopped without a result, was gone, or could not reach its model, before the run is given up. */
const MOST = { reminders: 3, restarts: 2, retries: 5, stuck: 2 }
const LONGEST_RETRY_MS = 60_000
/** How long it waits for words of who interrupted it. */
const PERSON_MS = 60_000

/** As the person's config has it. */
export const claudeCodeEngine = (settings: ClaudeCodeSettings = ClaudeCodeSettings.parse({})): Engine => ({
  name: 'claude-code',
  startsMcp: true,
  probe: () => probeClaudeCode(settings),
  open: (options) => conversing((task, number) => converse({ ...options, settings }, task, number)),
})

export type ClaudeCodeOptions = EngineOptions & { settings: ClaudeCodeSettings }

async function converse(options: ClaudeCodeOptions, given: AgentTask, number: number): Promise<AgentResult<unknown>> {
  const { run, artifacts } = options
  const calls = toldCalls(run, { hosted: number })
  // Whatever an earlier attempt had begun was ended with it, before this one was let in.
  await calls.endAll()
  const before = await handedInBefore(hostedCalls(run.entries(), number), artifacts)
  if (before) return finished(options, given, { number, input: before.input })

  await using stack = new AsyncDisposableStack()
  const session = await openSession(options, given, { number, calls, stack })
  const input = await work(session)
  await session.now.cli?.end()
  await session.watch.settled()
  await readTranscript(session)
  await noteHeard(session)
  await session.telling.turn()
  return finished(options, given, { number, input })
}

async function finished(
  { run }: EngineOptions,
  task: AgentTask,
  { number, input }: { number: number; input: unknown },
) {
  const output = task.output.safeParse(input)
  if (!output.success) throw new TerminalError('The result in the journal does not fit what is asked for now.')
  return { output: output.data, usage: usageIn(run, number), turns: turnsIn(run, number) }
}

const Hosted = z.looseObject({ hosted: z.number() })
const isOf = (number: number) => (entry: Entry) => Hosted.safeParse(entry.data).data?.hosted === number
const entriesOf = (run: Run, number: number) => run.entries().filter(isOf(number))

const usageIn = (run: Run, number: number): Usage =>
  entriesOf(run, number)
    .flatMap(({ kind, data }) => (kind === 'usage' ? [(data as { usage: Usage }).usage] : []))
    .reduce(addUsage, noUsage)

const turnsIn = (run: Run, number: number): number =>
  entriesOf(run, number).filter(({ kind, data }) => kind === 'note' && (data as { type?: string }).type === 'turn')
    .length

// ── one attempt at one conversation ──────────────────────────────────────────

/** Until a result is accepted, or the run cannot go on. */
async function work(session: Session): Promise<unknown> {
  const left = { ...MOST }
  await begin(session)
  for (;;) {
    const moment = await session.moments.next()
    switch (moment.kind) {
      case 'done':
        return moment.input
      case 'over':
        throw moment.error
      case 'stopped':
        if (left.reminders-- === 0)
          throw new TerminalError(`Claude Code stopped ${MOST.reminders + 1} times without a result.`)
        await type(session, reminder)
        break
      case 'failed':
        await reachAgain(session, MOST.retries - left.retries--)
        break
      case 'interrupted':
        await listened(session)
        break
      case 'stuck':
        if (left.stuck-- === 0) throw new Error(`Claude Code does not go on. Its screen:\n${await screenOf(session)}`)
        await restart(session, 'It gave no sign of life for a while.')
        break
      case 'gone':
        if (moment.life !== session.now.lives) break
        if (left.restarts-- === 0)
          throw new Error(`Claude Code ended by itself (${moment.exitCode ?? 'killed'}): ${await screenOf(session)}`)
        await restart(session, `It ended by itself (${moment.exitCode ?? 'killed'}).`)
    }
    if (session.telling.turns() >= (session.task.limits?.maxTurns ?? MAX_TURNS))
      throw new TerminalError(`Claude Code did not hand in a result in ${session.telling.turns()} turns.`)
  }
}

const Prompt = z.looseObject({ hosted: z.number(), session: z.string() })

/** Its own conversation goes on where it has kept one; what it lost of it, it is told. */
async function begin(session: Session): Promise<void> {
  const { run, number, now, configDir, prompt, host, options } = session
  const earlier = hostedCalls(run.earlier, number)
  const isOver = [...earlier.results.values()].some(({ submitted }) => submitted)
  const entries = [...(isOver ? [] : run.earlier), ...run.entries()].filter(({ kind }) => kind === 'prompt')
  const kept = entries
    .flatMap(({ data }) => Prompt.safeParse(data).data ?? [])
    .findLast(({ hosted }) => hosted === number)
  now.session = kept?.session ?? randomUUID()
  if (!kept) {
    const content = await store([{ type: 'text', text: prompt } as { type: string }], options.artifacts)
    await run.append('prompt', {
      hosted: number,
      session: now.session,
      content,
      setup: { model: options.choice.model },
    })
  }
  recallWords(session)
  const resume = canResume(configDir, now.session)
  await start(session, {
    resume,
    prompt: resume
      ? resumed([...(await host.parkedCalls()), ...mayNow(run.earlier, options.permissions?.decided)])
      : prompt,
  })
}

/** A new life of the program, in the same conversation. */
async function restart(session: Session, why: string): Promise<void> {
  const { run, now, configDir, prompt } = session
  await run.append('note', { type: 'restart', text: `Claude Code is started again. ${why}` })
  await now.cli?.end()
  await session.calls.endAll()
  const resume = canResume(configDir, now.session ?? '')
  await start(session, { resume, prompt: resume ? resumed([]) : prompt })
}

async function start(session: Session, { resume, prompt }: { resume: boolean; prompt: string }): Promise<void> {
  const { options, task, place, configDir, program, hasPlace, host, now, run, screen, mcp } = session
  const { workshop, access, choice } = options
  await run.fence()
  prepareConfigDir(configDir, place.dir)
  const { jail, port, wrap } = await doorOf(place)
  const system = systemWords(task.system, host.names)
  const command = commandLine({
    program: program.command,
    session: now.session ?? '',
    resume,
    prompt,
    system,
    hasPlace,
    choice,
    mcpFile: writeMcpFile(configDir, mcp.servers),
    port,
  })
  const { maxTokens } = choice
  const idleMs = task.limits?.idleMs ?? 0
  const env = environment({ configDir, port, login: access.login ?? false, idleMs, ...(maxTokens && { maxTokens }) })
  const { policy } = place
  const life = ++now.lives
  ;[now.busy, now.trouble, now.prompts] = [true, null, 0]
  // What the life before had been told and did not keep is told again.
  for (const words of now.words) words.typed = false
  session.sign()
  now.cli = startCli({
    ...{ jail, ...SIZE, command: wrap(command), onScreen: screen.output, onStart: workshop.started },
    policy: {
      ...policy,
      port,
      writable: [...(policy.writable ?? []), configDir],
      readable: [...(policy.readable ?? []), ...program.readable, ...mcp.readable],
      placed: await loginOf(session),
      env: { ...policy.env, ...env },
    },
  })
  void now.cli.exited.then((exitCode) => session.moments.put({ kind: 'gone', exitCode, life }))
}

/** The person's login where that is what it goes by: the file itself, so that what is renewed is where their own `claude` looks for it. */
async function loginOf({ options, place, configDir }: Session): Promise<{ from: string; at: string }[]> {
  if (!options.access.login) return []
  const file = credentialsFile(options.settings)
  if (place.jail.kind === 'none')
    throw new TerminalError(
      'Without a jail the login is handed to nobody. Set engines: { claude-code: { auth: key } }.',
    )
  if (!existsSync(file))
    throw new Pause({ kind: 'account', problem: `There is no login in ${file}. Run claude and log in (/login).` })
  return [{ from: realpathSync(file), at: join(configDir, CREDENTIALS) }]
}

/** The port on which it reaches the run's socket: the jail's own, or without a jail one of this machine's that a forwarder opens. */
async function doorOf({ jail, policy }: Place) {
  if (jail.kind !== 'none') return { jail, port: forwardPort(jail), wrap: (command: string[]) => command }
  if (!policy.socket) throw new TerminalError('This run has no way to a model.')
  const port = await freePort()
  const forward = [process.execPath, FORWARDER, '--socket', policy.socket, '--port', String(port), '--']
  return { jail, port, wrap: (command: string[]) => [...forward, ...command] }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** One policy for all engines: what another try may mend is tried again, later each time; the rest ends the run. */
async function reachAgain(session: Session, tried: number): Promise<void> {
  const { trouble } = session.now
  const why = trouble && 'why' in trouble ? trouble.why : 'the model did not answer'
  if (trouble?.kind === 'never') throw new TerminalError(`The model's provider refuses what Claude Code asks: ${why}`)
  if (tried >= MOST.retries) throw new Error(`Claude Code could not reach its model: ${why}`)
  const asked = trouble?.kind === 'retry' ? trouble.afterMs : null
  const delayMs = asked ?? Math.min(LONGEST_RETRY_MS, 500 * 2 ** tried)
  await session.run.append('note', {
    type: 'retry',
    text: `Claude Code could not go on (try ${tried + 1}): ${why}`,
    delayMs,
  })
  await delay(delayMs, undefined, { signal: session.task.signal }).catch(() => undefined)
  await type(session, goOn)
}

/** Interrupted, it waits for the person's words, and goes on when none come. */
async function listened(session: Session): Promise<void> {
  const { now, task } = session
  const prompts = now.prompts
  for (const late = Date.now() + PERSON_MS; Date.now() < late && now.prompts === prompts && !now.wish; )
    await delay(100, undefined, { signal: task.signal }).catch(() => task.signal.throwIfAborted())
  if (now.prompts === prompts && !now.wish) await type(session, interruptedGoOn)
}

async function screenOf({ now }: Session): Promise<string> {
  return redact(((await now.cli?.screen()) ?? '').split('\n').slice(-15).join('\n'))
}

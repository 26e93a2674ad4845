/** One process that is kept running: started, watched through what it writes, started again when it ends, stopped in the end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as after } from 'node:timers/promises'
import { Refusal } from '@sluice/kit/errors.ts'
import { readLine, type Told } from '@sluice/kit/log-line.ts'
import { type ProcessRef, processStart } from '@sluice/kit/process.ts'
import { endGroup } from './end-group.ts'
import { openLogFile } from './log-file.ts'

export type ChildSpec = {
  name: string
  replica: string
  argv: readonly string[]
  cwd?: string
  env: Record<string, string>
  logFile: string
  /** Somebody else's program does not say so: it counts as up when it has lasted for a moment. */
  isReady?: (told: Told) => boolean
  /** A process has begun, come up or ended. */
  onChange(): void
}

export type ChildView = {
  name: string
  replica: string
  pid: number | null
  state: 'running' | 'starting' | 'stopped'
  restarts: number
  busy: number
  lastError: string | null
}

export type Child = {
  view(): ChildView
  /** The process that runs now, as one we started. */
  ref(): ProcessRef | null
  /** Up for the first time; rejects with its own sentence when it says again and again that it cannot start. */
  ready: Promise<void>
  /** Asked to leave, killed after `graceMs`; resolves when it is gone. */
  stop(graceMs: number): Promise<void>
}

/** Long enough for a program to see that it lacks something. */
const MOMENT_MS = 500
const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 30_000
/** A minute of health is enough in any case to begin with the shortest wait again. */
const HEALTHY_MS = 60_000
/** How often a service may say that it cannot start before it is believed. */
const TRIES = 3
/** Exit code of a service that cannot start (kit/src/service.ts). */
const CANNOT_START = 1

type Life = { code: number | null; wasReady: boolean; healthyMs: number }

export function keepRunning(spec: ChildSpec): Child {
  const { name, replica } = spec
  const stopping = new AbortController()
  const first = Promise.withResolvers<void>()
  first.promise.catch(() => undefined)
  const view: ChildView = { name, replica, pid: null, state: 'starting', restarts: 0, busy: 0, lastError: null }
  let current: { child: ChildProcess; ref: ProcessRef } | null = null
  const whole = live()

  async function live(): Promise<void> {
    await using log = openLogFile(spec.logFile)
    let [waitMs, refused] = [0, 0]
    while (!stopping.signal.aborted) {
      const life = await liveOnce(log.stream)
      if (stopping.signal.aborted) break
      refused = life.code === CANNOT_START && !life.wasReady ? refused + 1 : 0
      if (refused >= TRIES) believe()
      waitMs = refused >= TRIES ? LONGEST_WAIT_MS : nextWait(waitMs, life)
      await after(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      view.restarts++
    }
    Object.assign(view, { state: 'stopped', pid: null })
  }

  /** It is tried on, slowly: what it lacks may come. */
  function believe(): void {
    view.state = 'stopped'
    first.reject(new Refusal(`${name} cannot start.`, view.lastError ?? `Read ${spec.logFile}.`))
  }

  async function liveOnce(log: WriteStream): Promise<Life> {
    const [file = '', ...args] = spec.argv
    // Detached: a Ctrl-C is for us to pass on, in our order. The pipe on standard input ends it with us.
    const { env, cwd } = spec
    const child = spawn(file, args, { env, ...(cwd && { cwd }), stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    child.stdin.on('error', () => undefined)
    const pid = child.pid ?? 0
    current = { child, ref: { pid, start: processStart(pid) ?? '' } }
    let readySince = 0
    let error: string | null = null
    let lastWords: string | null = null
    const moment = spec.isReady ? undefined : setTimeout(ready, MOMENT_MS)
    for (const stream of [child.stdout, child.stderr]) {
      stream.pipe(log, { end: false })
      createInterface({ input: stream }).on('line', (line) => hear(readLine(line)))
    }
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (!spec.isReady) lastWords = line.trim() || lastWords
    })
    Object.assign(view, { pid: child.pid ?? null, busy: 0, ...(view.state !== 'stopped' && { state: 'starting' }) })
    spec.onChange()

    const { code, why } = await endOf(child)
    clearTimeout(moment)
    // What somebody else's program started and left behind is of its group, and goes with it.
    if (!spec.isReady) endGroup(pid, 'SIGKILL')
    current = null
    view.lastError = error ?? (code === 0 ? null : lastWords) ?? why
    Object.assign(view, { pid: null, busy: 0, ...(view.state === 'running' && { state: 'starting' }) })
    spec.onChange()
    return { code, wasReady: readySince > 0, healthyMs: readySince ? performance.now() - readySince : 0 }

    function hear(told: Told): void {
      if (told.error) error = told.error
      if (told.busy !== undefined) view.busy = told.busy
      if (!readySince && spec.isReady?.(told)) ready()
    }

    function ready(): void {
      readySince = performance.now()
      view.state = 'running'
      first.resolve()
      spec.onChange()
    }
  }

  /** A wrapper of somebody else's does not pass signals on: all of its group are told. */
  function end(signal: NodeJS.Signals): void {
    const child = current?.child
    if (spec.isReady) child?.kill(signal)
    else endGroup(child?.pid ?? 0, signal)
  }

  return {
    view: () => ({ ...view }),
    ref: () => current?.ref ?? null,
    ready: first.promise,
    async stop(graceMs) {
      stopping.abort()
      first.reject(new Error(`${name} was stopped.`))
      end('SIGTERM')
      await Promise.race([whole, after(graceMs, undefined, { ref: false })])
      end('SIGKILL')
      await whole
    },
  }
}

/** Doubled for one that does not last, the shortest again for one that was healthy for long beside what it had to wait. */
export function nextWait(waitedMs: number, { healthyMs }: { healthyMs: number }): number {
  if (waitedMs === 0 || healthyMs > Math.min(10 * waitedMs, HEALTHY_MS)) return FIRST_WAIT_MS
  return Math.min(2 * waitedMs, LONGEST_WAIT_MS)
}

/** With its last words read, unless something it left behind holds the pipes open. */
async function endOf(child: ChildProcess): Promise<{ code: number | null; why: string }> {
  const closed = once(child, 'close').catch(() => undefined)
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    await Promise.race([closed, after(500, undefined, { ref: false })])
    return { code, why: `It ended with ${signal ?? `code ${code}`}.` }
  } catch (error) {
    // It was not even started, and will not be the next time.
    return { code: CANNOT_START, why: error instanceof Error ? error.message : String(error) }
  }
}

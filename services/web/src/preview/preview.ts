/** One app, built by a story and started for a person to look at: checked out, set up and run in a jail of its own. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { runJailed } from '@sluice/kit/exec.ts'
import { type Jail, type JailPolicy, spawnJailed } from '@sluice/kit/jail.ts'
import { type Inlet, openInlet } from '@sluice/kit/jails/inlet.ts'
import type { ModelAccess } from '@sluice/kit/model-access.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { openRunSocket } from '@sluice/kit/run-socket.ts'
import { scratchCheckout } from '@sluice/kit/scratch.ts'
import { portEnv } from '@sluice/kit/story-ports.ts'
import type { ProjectConfig } from '@sluice/proto/parts.ts'
import type { PreviewView } from '@sluice/proto/rest.ts'

/** What is started, and with which rights: those that the person gives to jails. */
export type Wanted = {
  storyId: string
  commit: string
  root: string
  config: Pick<ProjectConfig, 'setup'> & { preview: string }
}
export type Rights = { readable: string[]; services: string[]; hidden: string[]; registry?: string | undefined }
export type Around = {
  dir: string
  jail(): Promise<Jail>
  /** A way to package registries, and to no model; null where there is no gateway. */
  access(storyId: string): Promise<ModelAccess | null>
  rights: Rights
  now(): Date
}

export type Preview = {
  commit: string
  /** Who knows it may look: a host of its own on the frames' port. */
  label: string
  port: number
  inlet: Inlet
  view(): Pick<PreviewView, 'state' | 'problem' | 'log' | 'since'>
  /** Somebody looks: it is kept for a while longer. */
  touch(): void
  lookedAt(): number
  stop(): Promise<void>
}

const SET_UP_MS = 15 * 60_000
const START_MS = 2 * 60_000
const LOOK_MS = 250
const LOG_CHARS = 32_000

export function startPreview(wanted: Wanted, around: Around): Preview {
  const { now } = around
  const env = portEnv(wanted.storyId)
  const port = Number(env.PORT)
  const stop = new AbortController()
  const inlet = openWay(around)
  let said = ''
  let at: Pick<PreviewView, 'state' | 'problem' | 'since'> = standing('preparing')
  let looked = now().getTime()

  function standing(state: PreviewView['state'], problem: string | null = null) {
    return { state, problem, since: now().toISOString() }
  }
  const become = (state: PreviewView['state'], problem: string | null = null): void => {
    at = standing(state, problem)
  }
  const say = (text: string): void => {
    said = (said + text).slice(-LOG_CHARS)
  }

  async function run(): Promise<void> {
    await using things = new AsyncDisposableStack()
    const way = things.use(await inlet)
    const jail = await around.jail()
    mkdirSync(around.dir, { recursive: true })
    const dir = join(around.dir, wanted.storyId)
    const repository = await openRepository(wanted.root)
    const scratch = things.use(await scratchCheckout({ repository, commit: wanted.commit, dir }))
    const access = await around.access(wanted.storyId)
    if (access) things.use(access)
    const socket = access && things.use(await openRunSocket({ gateway: access }))
    const { readable, services, hidden, registry } = around.rights
    const policy: JailPolicy = {
      ...{ worktree: scratch.dir, readable, hidden, inlet: way.path },
      ...(socket && { socket: socket.path, services }),
      env: { ...env, ...(registry ? { npm_config_registry: registry } : {}) },
    }

    if (wanted.config.setup) await setUp(jail, policy, wanted.config.setup)
    become('starting')
    say(`$ ${wanted.config.preview}\n`)
    const started = spawnJailed(jail, policy, ['bash', '-c', `exec 2>&1; ${wanted.config.preview}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: stop.signal,
    })
    for (const stream of [started.child.stdout, started.child.stderr])
      stream?.on('data', (chunk: Buffer) => say(chunk.toString()))
    const exited = started.exited.finally(() => gone.abort())
    const gone = new AbortController()
    await listening(way, gone.signal)
    const { code, signal } = await exited
    if (!stop.signal.aborted)
      become('ended', `The preview command \`${wanted.config.preview}\` ended with ${signal ?? code}.`)
  }

  async function setUp(jail: Jail, policy: JailPolicy, command: string): Promise<void> {
    say(`$ ${command}\n`)
    const logFile = join(around.dir, `${wanted.storyId}.set-up.log`)
    const ended = await runJailed(jail, policy, command, { timeoutMs: SET_UP_MS, logFile, signal: stop.signal })
    rmSync(logFile, { force: true })
    say(ended.log.tail)
    if (ended.exitCode !== 0)
      throw new Error(`The set-up command \`${command}\` ended with ${ended.exitCode ?? 'a time-out'}.`)
  }

  /** Until somebody listens on the port that the command was told. */
  async function listening(way: Inlet, gone: AbortSignal): Promise<void> {
    const until = Date.now() + START_MS
    while (!gone.aborted) {
      const there = await way.connect(port).catch(() => null)
      if (there) {
        there.destroy()
        return become('running')
      }
      if (at.problem === null && Date.now() > until)
        become('starting', `Nothing listens on $PORT (${port}) yet: the command must take its port from there.`)
      await delay(LOOK_MS, undefined, { signal: gone }).catch(() => undefined)
    }
  }

  const running = run().catch((error: unknown) => {
    if (!stop.signal.aborted)
      become('ended', error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
  })
  return {
    ...{ commit: wanted.commit, label: randomBytes(16).toString('hex'), port },
    // Before it is opened nobody is there; whoever asks is told so.
    inlet: { path: '', connect: async (to) => (await inlet).connect(to), [Symbol.asyncDispose]: async () => {} },
    view: () => ({ ...at, log: stripVTControlCharacters(said) }),
    touch() {
      looked = now().getTime()
    },
    lookedAt: () => looked,
    async stop() {
      stop.abort(new Error('The preview was stopped.'))
      await running
      become('off')
    },
  }
}

/** Where a jail has no loopback of its own the app listens on the machine's. */
async function openWay({ jail }: Around): Promise<Inlet> {
  if ((await jail()).kind === 'bubblewrap') return openInlet()
  return {
    path: '',
    connect: (port) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port })
        socket.once('error', reject).once('connect', () => resolve(socket))
      }),
    [Symbol.asyncDispose]: async () => {},
  }
}

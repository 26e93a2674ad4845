/** What a run works with beside its model: a jail whose socket leads out, a browser, the person's repository. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { attachedDir } from './attached.ts'
import { type Browser, openBrowser } from './browser.ts'
import type { Jail, JailPolicy } from './jail.ts'
import { type AppDoor, openAppDoor } from './jails/app-door.ts'
import { type Inlet, openInlet } from './jails/inlet.ts'
import type { LiveTerminal, TerminalSize } from './live-terminal.ts'
import type { ModelAccess } from './model-access.ts'
import { configFile, dataDir } from './paths.ts'
import { resolveBrowser } from './resolve/browser.ts'
import type { Run } from './run.ts'
import { type CallWatch, openRunSocket, type RunHandler, type RunSocket } from './run-socket.ts'
import { portEnv } from './story-ports.ts'

export type Workshop = AsyncDisposable & {
  /** Commands, shells and checks of this run: they write in `worktree` and reach the run's socket. */
  jailed(worktree: string, more?: Partial<JailPolicy>): Promise<{ jail: Jail; policy: JailPolicy }>
  /** Started by its first rendering; ends with the run. It sees what listens on the loopback of this run's jails, and nothing else. */
  browser(): Promise<Browser>
  /** Shows a terminal of this run while it lives; the run ends it. Null where there is nobody to show it to. */
  liveTerminal(size: TerminalSize): Promise<LiveTerminal | null>
  /** To be called for everything that is started: the next attempt ends it before it touches anything. */
  started(pid: number, start: string): void
  /** Answers an address on the run's socket, for what runs in the jail; disposing ends it. One at a time for each path. */
  serve(path: string, handler: RunHandler): Disposable
  /** Sees every model call on the run's socket; disposing ends it. One at a time. */
  watch(watch: CallWatch): Disposable
  /** Where worktrees and scratch checkouts are made. */
  dataDir: string
  /** What the person lets checkouts have of their own files that git ignores: paths and globs. */
  copy: readonly string[]
}

export type WorkshopOptions = {
  run: Run
  jail: Jail
  access(): Promise<ModelAccess>
  dataDir?: string
  /** The package registry the person uses, for package managers in the jail: its address, never its token. */
  registry?: string | undefined
  /** What the person lets jailed commands read beyond toolchains. */
  readable?: string[]
  /** Services of the machine's loopback that the person lets jailed commands reach. */
  services?: string[]
  /** What the person lets checkouts have of their own files that git ignores. */
  copy?: readonly string[]
  /** Opens the live view of a terminal. */
  show?: (size: TerminalSize) => Promise<LiveTerminal>
  /** No socket: what runs in the jail reaches nothing at all. */
  offline?: boolean
}

export function openWorkshop({
  run,
  jail,
  access,
  registry,
  readable = [],
  services = [],
  copy = [],
  offline = false,
  show,
  dataDir: data = dataDir(),
}: WorkshopOptions): Workshop {
  let socket: Promise<RunSocket> | undefined
  let browser: Promise<Browser> | undefined
  let inlet: Promise<Inlet> | undefined
  let door: Promise<AppDoor> | undefined
  const handlers: Record<string, RunHandler> = {}
  let watching: CallWatch | null = null

  /** The token is read at each request: a gateway that was started anew gives another one. */
  async function openSocket(): Promise<RunSocket> {
    const gateway = await access()
    return openRunSocket({ gateway, handlers, watch: () => watching })
  }

  const openInside = (): Promise<Inlet> => {
    inlet ??= openInlet()
    return inlet
  }
  async function startBrowser(): Promise<Browser> {
    if (jail.kind === 'none') return openBrowser(await resolveBrowser(), jail)
    door ??= openInside().then(openAppDoor)
    const [program, { path }] = await Promise.all([resolveBrowser(), door])
    return openBrowser(program, jail, path)
  }

  return {
    dataDir: data,
    copy,
    async jailed(worktree, more = {}) {
      if (!offline) socket ??= openSocket()
      const env = { ...portEnv(run.storyId), ...(registry ? { npm_config_registry: registry } : {}), ...more.env }
      // There from the start: what is attached later is seen by whoever is at work.
      const attached = attachedDir(data, run.storyId)
      await mkdir(attached, { recursive: true })
      const hidden = [data, join(configFile(), '..'), ...(more.hidden ?? [])]
      const ways = { ...(socket ? { socket: (await socket).path, services } : {}), inlet: (await openInside()).path }
      return { jail, policy: { worktree, ...ways, readable: [...readable, attached], ...more, env, hidden } }
    },
    browser() {
      browser ??= startBrowser()
      return browser
    },
    liveTerminal: async (size) => (await show?.(size)) ?? null,
    serve(path, handler) {
      if (Object.hasOwn(handlers, path)) throw new Error(`${path} is answered already.`)
      handlers[path] = handler
      return { [Symbol.dispose]: () => void delete handlers[path] }
    },
    watch(watch) {
      watching = watch
      return {
        [Symbol.dispose]: () => {
          if (watching === watch) watching = null
        },
      }
    },
    started(pid, start) {
      // Appending is awaited by the journal's own order: the next entry of this run comes after it.
      void run.append('process', { pid, start }).catch(() => undefined)
    },
    async [Symbol.asyncDispose]() {
      await (await browser?.catch(() => undefined))?.close()
      for (const opened of [socket, door, inlet]) await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]()
    },
  }
}

/** Opens the page in the person's browser, where there is a desktop to open it on. */
import { spawn } from 'node:child_process'
import type { Env } from '../child-env.ts'

type System = { uid?: number; platform?: NodeJS.Platform }
type Here = { env?: Env; platform?: NodeJS.Platform }

/** No desktop, a machine that builds, or root: nobody would see it. */
export function mayOpenBrowser(
  env: Env = process.env,
  { uid = process.getuid?.(), platform = process.platform }: System = {},
): boolean {
  if (env.CI || uid === 0) return false
  return platform === 'darwin' || isWsl(env) || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/** Linux inside Windows: the browser is on the other side, which reaches this loopback. */
const isWsl = (env: Env): boolean => Boolean(env.WSL_DISTRO_NAME)

/** What opens an address here; the address is an argument, never part of a command line. */
export function openerOf(address: string, { env = process.env, platform = process.platform }: Here = {}): string[] {
  if (platform === 'darwin') return ['open', address]
  return isWsl(env) ? ['rundll32.exe', 'url.dll,FileProtocolHandler', address] : ['xdg-open', address]
}

/** It is the person's from then on, and stays when Sluice stops. */
export function openBrowser(address: string): void {
  const [program = '', ...args] = openerOf(address)
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  // The address was printed: without such a program it is opened by hand.
  child.on('error', () => undefined)
  child.unref()
}

/** Opens the page in the person's browser, where there is a desktop to open it on. */
import { spawn } from 'node:child_process'
import type { Env } from '../child-env.ts'

/** No desktop, a machine that builds, or root: nobody would see it. */
export function mayOpenBrowser(
  env: Env = process.env,
  { uid = process.getuid?.(), platform = process.platform }: { uid?: number; platform?: NodeJS.Platform } = {},
): boolean {
  if (env.CI || uid === 0) return false
  return platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/** It is the person's from then on, and stays when Sluice stops. */
export function openBrowser(address: string): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(program, [address], { stdio: 'ignore', detached: true })
  // The address was printed: without such a program it is opened by hand.
  child.on('error', () => undefined)
  child.unref()
}

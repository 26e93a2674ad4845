/** Programs a test needs from this machine: missing ones fail the test, they never skip it. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The absolute path of a program on PATH. */
export function findOnPath(name: string): string {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((dir) => join(dir, name))
    .find(isExecutable)
  if (!found) throw new Error(`This test needs ${name} on PATH; install it, on Debian or Ubuntu with apt-get install.`)
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

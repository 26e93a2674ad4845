#!/usr/bin/env node
/** `npx sluice`, in a checkout (set up first if need be) or from the package: becomes the real command on Node 24. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkGit, checkNode } from './set-up/checks.js'
import { Failure } from './set-up/failure.js'
import { node24 } from './set-up/node24.js'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const SOURCE = join(ROOT, 'cli', 'src', 'sluice.ts')
const BUILT = join(ROOT, 'dist', 'cli', 'src', 'sluice.js')
const args = process.argv.slice(2)
// Only what starts the line needs a page; every other verb should answer at once.
const starts = args[0] === 'up' || args[0] === 'demo'

try {
  become(existsSync(SOURCE) ? inCheckout() : inPackage())
} catch (error) {
  if (!(error instanceof Failure)) throw error
  process.stderr.write(`sluice: ${error.message}\n`)
  process.exitCode = error.exitCode
}

function inCheckout() {
  if (starts || !existsSync(join(ROOT, 'node_modules', '.sluice-lock-hash'))) setUp(starts ? ['--page'] : [])
  return [join(ROOT, 'node_modules', '.bin', 'node'), SOURCE]
}

function inPackage() {
  checkNode()
  if (starts) checkGit()
  return [node24(ROOT), BUILT]
}

function become([node, program]) {
  // The channel says nothing: its end tells the command that we are gone, whatever we died of.
  const child = spawn(node, [program, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => pass(child, signal))
  child.once('error', (error) => {
    process.stderr.write(`sluice: ${node} does not start (${error.message}). Run \`npm ci\`, then try again.\n`)
    process.exitCode = 1
  })
  child.once('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/** A terminal sends Ctrl-C to both of us already: passed on as well it would count as pressed twice. */
function pass(child, signal) {
  if (signal === 'SIGINT' && process.stdin.isTTY) return
  child.kill(signal)
}

function setUp(flags) {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'bin', 'setup.js'), ...flags], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}

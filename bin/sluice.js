#!/usr/bin/env node
/** `npx sluice` in a checkout: sets it up if need be, then becomes the real command on the pinned Node 24. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const NODE_24 = join(ROOT, 'node_modules', '.bin', 'node')
const args = process.argv.slice(2)

// Only what starts the line needs a page; every other verb should answer at once.
const starts = args[0] === 'up' || args[0] === 'demo'
if (starts || !existsSync(join(ROOT, 'node_modules', '.sluice-lock-hash'))) setUp(starts ? ['--page'] : [])

const child = spawn(NODE_24, [join(ROOT, 'cli', 'src', 'sluice.ts'), ...args], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => pass(signal))
child.once('error', (error) => {
  process.stderr.write(`sluice: ${NODE_24} does not start (${error.message}). Run \`npm ci\`, then try again.\n`)
  process.exitCode = 1
})
child.once('exit', (code, signal) => {
  if (!signal) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})

/** A terminal sends Ctrl-C to both of us already: passed on as well it would count as pressed twice. */
function pass(signal) {
  if (signal === 'SIGINT' && process.stdin.isTTY) return
  child.kill(signal)
}

function setUp(flags) {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'bin', 'setup.js'), ...flags], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}

/** Runs one long command: a line now and then while it works, what it said only if it fails. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Failure, say } from './failure.js'

const SAY_EVERY_MS = 10_000
const TAIL_LINES = 25
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/

/** `shown`: the command speaks for itself, on stderr. Otherwise `doing` and `done` say what it is about. */
export async function run(command, args, { cwd, env, doing, done, shown = false }) {
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / 1000)
  if (doing) say(`${doing} …`)
  const ticking = doing && setInterval(() => say(`${doing} … ${seconds()} s`), SAY_EVERY_MS)
  try {
    const { code, signal, output } = await ended(
      spawn(command, args, { cwd, env, stdio: ['ignore', shown ? 2 : 'pipe', shown ? 2 : 'pipe'] }),
    )
    if (signal) throw new Failure('', 128 + constants.signals[signal])
    if (code !== 0) throw new Failure(shown ? '' : failed({ command, args, output }), shown ? code : 1)
    if (done) say(`${done} (${seconds()} s)`)
  } finally {
    clearInterval(ticking)
  }
}

/** A signal meant for us ends the command first: what it holds open is its own to close. */
async function ended(child) {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  let stopped
  const stop = (signal) => {
    stopped = signal
    child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, stop)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal: stopped ?? signal, output }))
    })
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop)
  }
}

function failed({ command, args, output }) {
  process.stderr.write(`${whatMatters(output)}\n`)
  const what = `\`${[command, ...args.filter((arg) => !arg.startsWith('--'))].join(' ')}\``
  if (NO_NETWORK.test(output)) {
    return `${what} could not reach the npm registry. Connect to the network (behind a proxy: npm config set proxy URL), then run the same command again.`
  }
  if (/ENOSPC/.test(output)) return `${what} filled the disk. Make room, then run the same command again.`
  return `${what} failed; what it said is above. Mend that, then run the same command again.`
}

/** npm ends with its usage: what went wrong stands where it first says error. Others say it last. */
function whatMatters(output) {
  const lines = output.trimEnd().split('\n')
  const first = lines.findIndex((line) => line.startsWith('npm error'))
  return (first < 0 ? lines.slice(-TAIL_LINES) : lines.slice(first, first + TAIL_LINES)).join('\n')
}

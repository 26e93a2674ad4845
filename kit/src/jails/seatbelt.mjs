/** Runs beside a jail of macOS, outside it: makes its throw-away directory, has its profile written, starts it and cleans up. */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

const [told = '', , ...command] = process.argv.slice(2)
const { rules, worktree, env, keep } = JSON.parse(told)

// Named so that it is swept when this process was killed (short-temp.ts).
const temp = realpathSync(mkdtempSync(join(tmpdir(), `slc-${process.pid}-`)))
process.on('exit', () => rmSync(temp, { recursive: true, force: true }))
mkdirSync(join(temp, 'home'))
// The library forbids writing to settings of editors and shells below the directory it is called in: that must not hold the worktree.
process.chdir(temp)
process.env.PATH = '/usr/bin:/bin:/usr/sbin:/sbin'

try {
  run(await wrapped())
} catch (error) {
  console.error(`seatbelt: ${error.message}`)
  process.exit(126)
}

async function wrapped() {
  if (!existsSync('/usr/bin/sandbox-exec')) throw new Error('there is no /usr/bin/sandbox-exec here')
  const { wrapCommandWithSandboxMacOS } = await import(
    '@anthropic-ai/sandbox-runtime/dist/sandbox/macos-sandbox-utils.js'
  )
  const { readConfig, writeConfig } = rules
  return wrapCommandWithSandboxMacOS({
    ...rules,
    readConfig: { ...readConfig, literalAllowWithinDeny: [...readConfig.literalAllowWithinDeny, temp] },
    writeConfig: { ...writeConfig, literalAllowOnly: [...writeConfig.literalAllowOnly, temp] },
    // It opens every terminal of the person's: only for what is on one.
    allowPty: process.stdin.isTTY === true,
    binShell: 'sh',
    command: inside(),
    commandId: 'sluice',
  })
}

/** What the library adds to the environment (its own proxies, NO_PROXY, a TMPDIR that is not there) is dropped again. */
function inside() {
  const own = { HOME: join(temp, 'home'), TMPDIR: temp, ...env }
  const words = ['/usr/bin/env', '-i', ...Object.entries(own).map(([name, value]) => `${name}=${value}`)]
  return `cd ${quoted(worktree)} && exec ${[...words, ...command].map(quoted).join(' ')}`
}

function quoted(word) {
  return `'${word.replaceAll("'", "'\\''")}'`
}

function run(line) {
  const stdio = Array.from({ length: Math.max(2, ...keep) + 1 }, (_, fd) =>
    fd < 3 ? 'inherit' : keep.includes(fd) ? fd : 'ignore',
  )
  const child = spawn('/bin/sh', ['-c', `exec ${line}`], { stdio, env: { PATH: process.env.PATH } })

  // A terminal sends these to the whole group; the command answers them, we only must outlive it.
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

  child.on('error', (error) => {
    console.error(`seatbelt: ${error.message}`)
    process.exit(126)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

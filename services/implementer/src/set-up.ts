/** The project's set-up command, in the jail, once for each state of the worktree's base. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError } from '@sluice/kit/errors.ts'
import { runJailed } from '@sluice/kit/exec.ts'
import type { Jail, JailPolicy } from '@sluice/kit/jail.ts'
import type { Means } from '@sluice/kit/role.ts'
import type { Worktree } from '@sluice/kit/worktree.ts'

const SET_UP_MS = 15 * 60_000

type Place = { jail: Jail; policy: JailPolicy }

/** Rejects with `TerminalError` and the end of its log when the command fails: no agent works in a half-made place. */
export async function setUp(
  worktree: Worktree,
  job: { command: string | null; place: Place; means: Means },
): Promise<void> {
  const { command, place, means } = job
  if (!command) return
  const stamp = `${worktree.dir}.set-up`
  const wanted = createHash('sha256')
    .update(JSON.stringify([command, await lockFiles(worktree.dir)]))
    .digest('hex')
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return

  const { run, workshop, signal, artifacts } = means
  await run.append('note', { type: 'set-up', state: 'started', text: `Setting up: ${command}` })
  const logFile = join(run.dir, 'set-up.log')
  const ended = await runJailed(place.jail, place.policy, command, {
    timeoutMs: SET_UP_MS,
    logFile,
    signal,
    onStart: workshop.started,
  })
  const log = await artifacts.put(await readFile(logFile), { name: 'set-up.log', mediaType: 'text/plain' })
  const outcome = ended.timedOut ? 'timed out' : `ended with ${ended.exitCode}`
  const text = `Set-up ${outcome} after ${ended.seconds.toFixed(1)} s.`
  const { exitCode, timedOut } = ended
  await run.append('note', { type: 'set-up', state: 'ended', ok: exitCode === 0 && !timedOut, exitCode, text, log })
  if (ended.exitCode !== 0) throw new TerminalError(`The set-up command \`${command}\` ${outcome}:\n${ended.log.tail}`)
  await run.fence()
  await writeFile(stamp, wanted)
}

const LOCK_FILES = [
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'Cargo.lock',
  'go.sum',
  'uv.lock',
  'poetry.lock',
  'Gemfile.lock',
]

/** What set-up usually depends on: another lock file is another set-up. */
const lockFiles = (dir: string): Promise<(string | null)[]> =>
  Promise.all(LOCK_FILES.map((name) => readFile(join(dir, name), 'utf8').catch(() => null)))

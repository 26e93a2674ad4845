/** The project's own commands on a clean checkout of what is judged: set-up, then every check, each with its whole log. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { runJailed } from '@sluice/kit/exec.ts'
import type { Repository } from '@sluice/kit/repository.ts'
import type { Means } from '@sluice/kit/role.ts'
import type { Run } from '@sluice/kit/run.ts'
import { type Scratch, scratchCheckout } from '@sluice/kit/scratch.ts'
import type { CheckRun, Judged, ProjectConfig } from '@sluice/proto/parts.ts'

/** `tail` is the end of the log as a person would read it. */
export type Ran = CheckRun & { tail: string }
type Command = { name: string; command: string; timeoutMs: number }
type Job = { judged: Judged; config: Pick<ProjectConfig, 'setup' | 'checks'>; means: Means; limits?: typeof LIMITS }

export const SET_UP = 'set-up'
export const LIMITS = { setUpMs: 15 * 60_000, checkMs: 20 * 60_000 }

export const isGreen = (run: CheckRun): boolean => run.exitCode === 0 && !run.timedOut

/** Runs all checks, red ones among them; none of them after a set-up that failed: they would only say so again. */
export async function runChecks(
  repository: Repository,
  { judged, config, means, limits = LIMITS }: Job,
): Promise<Ran[]> {
  const { run } = means
  await clearEarlier(run)
  await using scratch = await scratchCheckout({
    repository,
    commit: judged.commit,
    dir: join(run.dir, `${SCRATCH}${run.attempt}`),
  })

  const ran: Ran[] = []
  if (config.setup) {
    const setUp = { name: SET_UP, command: config.setup, timeoutMs: limits.setUpMs }
    ran.push(await runOne(scratch, setUp, { means, n: 0 }))
  }
  for (const [i, check] of config.checks.entries()) {
    if (!ran.every((one) => one.name !== SET_UP || isGreen(one))) break
    ran.push(await runOne(scratch, { ...check, timeoutMs: limits.checkMs }, { means, n: i + 1 }))
  }
  return ran
}

/** A checkout of its own for each attempt: one that was stopped and wakes later takes away only what is its own. */
const SCRATCH = 'checks-'

async function clearEarlier({ dir, attempt, fence }: Run): Promise<void> {
  await fence()
  const earlier = (await readdir(dir)).filter(
    (name) => name.startsWith(SCRATCH) && Number(name.slice(SCRATCH.length)) < attempt,
  )
  await Promise.all(earlier.map((name) => rm(join(dir, name), { recursive: true, force: true })))
}

async function runOne(
  scratch: Scratch,
  { name, command, timeoutMs }: Command,
  { means, n }: { means: Means; n: number },
): Promise<Ran> {
  const { run, workshop, artifacts, signal } = means
  await run.append('note', { type: 'check', state: 'started', check: name, text: `Running ${name}: ${command}` })
  // As in every other place where nobody watches: test runners then do not wait, and write no new snapshots.
  const { jail, policy } = await workshop.jailed(scratch.dir, { env: { CI: 'true' } })
  const logFile = join(run.dir, `check-${run.attempt}-${n}.log`)
  const ended = await runJailed(jail, policy, command, { timeoutMs, logFile, signal, onStart: workshop.started })

  const log = await artifacts.put(await readFile(logFile), { name: `${name}.log`, mediaType: 'text/plain' })
  const { exitCode, timedOut, seconds } = ended
  const outcome = timedOut ? 'was ended for its time' : `ended with ${exitCode}`
  const text = `${name} ${outcome} after ${seconds.toFixed(1)} s.`
  await run.append('note', {
    type: 'check',
    state: 'ended',
    check: name,
    exitCode,
    ok: exitCode === 0 && !timedOut,
    text,
    log,
  })
  const tail = usefulEnd(ended.log.tail.replaceAll(`${scratch.dir}/`, ''))
  return { name, command, exitCode, timedOut, seconds, log, tail }
}

const MOST_LINES = 30

/** Without colours, progress that was written over, and what package managers say about a script having failed. */
function usefulEnd(tail: string): string {
  const lines = stripVTControlCharacters(tail)
    .split('\n')
    .map((line) => line.replace(/\r$/, '').replace(/^.*\r/, '').trimEnd())
    .filter((line) => line.trim() !== '')
  const said = lines.filter((line) => !/^npm (error|ERR!)/.test(line))
  return (said.length > 0 ? said : lines).slice(-MOST_LINES).join('\n')
}

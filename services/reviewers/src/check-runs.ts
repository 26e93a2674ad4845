/** The project's own commands on a clean checkout of what is judged: set-up, then every check, each with its whole log. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { copyGranted } from '@sluice/kit/copied-files.ts'
import { type Dependencies, dependenciesOf } from '@sluice/kit/dependencies.ts'
import { runJailed } from '@sluice/kit/exec.ts'
import type { Repository } from '@sluice/kit/repository.ts'
import type { Means } from '@sluice/kit/role.ts'
import type { Run } from '@sluice/kit/run.ts'
import { type Scratch, scratchCheckout } from '@sluice/kit/scratch.ts'
import type { CheckRun, Judged, ProjectConfig } from '@sluice/proto/parts.ts'

/** `tail` is the end of the log as a person would read it. */
export type Ran = CheckRun & { tail: string }
type Command = { name: string; command: string; timeoutMs: number }
type Job = {
  judged: Judged
  config: Pick<ProjectConfig, 'setup' | 'checks' | 'copy'>
  projectId: string
  means: Means
  limits?: typeof LIMITS
}

export const SET_UP = 'set-up'
export const LIMITS = { setUpMs: 15 * 60_000, checkMs: 20 * 60_000 }

export const isGreen = (run: CheckRun): boolean => run.exitCode === 0 && !run.timedOut

/** Runs all checks, red ones among them; none of them after a set-up that failed: they would only say so again. */
export async function runChecks(
  repository: Repository,
  { judged, config, projectId, means, limits = LIMITS }: Job,
): Promise<Ran[]> {
  const { run } = means
  await clearEarlier(run)
  await using scratch = await scratchCheckout({
    repository,
    commit: judged.commit,
    dir: join(run.dir, `${SCRATCH}${run.attempt}`),
  })

  const ran: Ran[] = []
  await copyGranted(repository, { dir: scratch.dir, index: join(scratch.dir, '.git', 'index') }, means.workshop.copy)
  await using shared = await sharedOf(scratch, repository, { command: config.setup, projectId, means })
  if (config.setup && !(await restored(scratch, shared, means))) {
    const setUp = { name: SET_UP, command: config.setup, timeoutMs: limits.setUpMs }
    ran.push(await runOne(scratch, setUp, { means, n: 0 }))
  }
  for (const [i, check] of config.checks.entries()) {
    if (!ran.every((one) => one.name !== SET_UP || isGreen(one))) break
    ran.push(await runOne(scratch, { ...check, timeoutMs: limits.checkMs }, { means, n: i + 1 }))
  }
  return ran
}

/**
 * What an install made of this very lock file is here as well as if it were made again. It was made in the jail, of a base commit, before
 * an agent was there; nothing of a story is ever kept for another.
 */
async function sharedOf(
  { dir, commit }: Scratch,
  repository: Repository,
  { command, projectId, means }: { command: string | null; projectId: string; means: Means },
): Promise<Dependencies | null> {
  const { workshop, log } = means
  const { jail } = await workshop.jailed(dir)
  return dependenciesOf({ repository, commit, command, projectId, dataDir: workshop.dataDir, jail, log })
}

async function restored({ dir }: Scratch, shared: Dependencies | null, { run }: Means): Promise<boolean> {
  const kept = await shared?.restore(dir)
  if (!kept) return false
  const text = `${SET_UP} was not run: ${kept.files} files that it made of this lock file on ${kept.at.slice(0, 10)} are here.`
  await run.append('note', { type: 'check', state: 'shared', check: SET_UP, ok: true, text })
  return true
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

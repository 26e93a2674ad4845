/** Everything a house runs: kept running, counted, looked at, stopped together. */
import { join } from 'node:path'
import type { Told } from '@sluice/kit/log-line.ts'
import { endTree, processStart } from '@sluice/kit/process.ts'
import { z } from 'zod'
import { type Child, type ChildView, keepRunning } from './child.ts'
import type { Job } from './jobs.ts'
import { readOrNull, writePrivate } from './private-file.ts'

export type Crew = {
  /** A program that is no service, such as the broker. Resolves when it is up. */
  runProgram(program: Pick<Job, 'name' | 'argv' | 'env'> & { isReady(told: Told): boolean }): Promise<void>
  /** As many as wanted, the highest numbers leave first. Resolves when those that leave are gone. */
  scale(job: Job, replicas: number): Promise<void>
  /** Rejects with its sentence when one of that name cannot start. */
  ready(name: string): Promise<void>
  /** To a program that is up; one that is not reads its files anyway. */
  signal(name: string, signal: NodeJS.Signals): void
  views(): ChildView[]
  /** The services first: what they still say needs the broker. */
  stop(graceMs: number): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type CrewOptions = { dir: string; onChange(): void }

/** Long enough for a run to write down that it was stopped. */
export const GRACE_MS = 5_000

export function openCrew({ dir, onChange }: CrewOptions): Crew {
  const programs: Child[] = []
  const children = new Map<string, Child[]>()
  /** Told to leave and not gone yet. */
  const leaving = new Set<Child>()
  const working = () => [...children.values()].flat()
  const all = () => [...programs, ...working()]
  const changed = () => {
    recordStarted(dir, [...all(), ...leaving])
    onChange()
  }

  const logFile = (name: string, replica: string) => join(dir, 'logs', `${name}.${replica}.log`)

  function startReplica({ name, argv, cwd, env, readyAt }: Job, replica: string): Child {
    return keepRunning({
      ...{ name, replica, argv, ...(cwd && { cwd }), onChange: changed, logFile: logFile(name, replica) },
      env: { ...env, SLUICE_REPLICA: replica },
      ...(readyAt !== null && { isReady: ({ said }) => said === readyAt }),
    })
  }

  async function dismiss(child: Child): Promise<void> {
    leaving.add(child)
    await child.stop(GRACE_MS).finally(() => leaving.delete(child))
  }

  async function stop(graceMs: number): Promise<void> {
    await Promise.all([...working(), ...leaving].map((child) => child.stop(graceMs)))
    await Promise.all(programs.map((child) => child.stop(graceMs)))
    changed()
  }

  return {
    runProgram({ name, argv, env, isReady }) {
      const child = keepRunning({
        ...{ name, replica: '1', argv, env, isReady, onChange: changed, logFile: logFile(name, '1') },
      })
      programs.push(child)
      return child.ready
    },
    async scale(job, replicas) {
      const running = children.get(job.name) ?? []
      const wanted = running.slice(0, replicas)
      while (wanted.length < replicas) wanted.push(startReplica(job, String(wanted.length + 1)))
      children.set(job.name, wanted)
      await Promise.all(running.slice(replicas).map(dismiss))
      changed()
    },
    async ready(name) {
      await Promise.all((children.get(name) ?? []).map((child) => child.ready))
    },
    signal(name, signal) {
      const program = programs.find((child) => child.view().name === name && child.view().state === 'running')
      const pid = program?.view().pid
      if (pid) process.kill(pid, signal)
    },
    views: () => all().map((child) => child.view()),
    stop,
    [Symbol.asyncDispose]: () => stop(GRACE_MS),
  }
}

const Started = z.array(z.object({ name: z.string(), replica: z.string(), pid: z.int(), start: z.string() }))
const startedFile = (dir: string): string => join(dir, 'processes.json')

function recordStarted(dir: string, children: Child[]): void {
  const started = children.flatMap((child) => {
    const [{ name, replica }, ref] = [child.view(), child.ref()]
    return ref ? [{ name, replica, ...ref }] : []
  })
  writePrivate(startedFile(dir), JSON.stringify(started))
}

/** Ends what a supervisor that was killed had started, with all below it: one that sleeps has not seen its pipe close. */
export async function endLeftBehind(dir: string): Promise<void> {
  const started = Started.parse(JSON.parse(readOrNull(startedFile(dir)) ?? '[]'))
  const left = started.filter(({ pid, start }) => processStart(pid) === start)
  await Promise.all(left.map((ref) => endTree(ref)))
}

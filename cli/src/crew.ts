/** Everything a house runs: kept running, counted, looked at, stopped together. */
import { join } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { endTree, processStart } from '@sluice/kit/process.ts'
import { programFile } from '@sluice/kit/program-file.ts'
import { z } from 'zod'
import { type Child, type ChildView, keepRunning } from './child.ts'
import type { Told } from './log-line.ts'
import { readOrNull, writePrivate } from './private-file.ts'
import { ROOT, type Service } from './services.ts'

export type Crew = {
  /** A program that is no service, such as the broker. Resolves when it is up. */
  runProgram(program: { name: string; argv: string[]; isReady(told: Told): boolean }): Promise<void>
  /** As many of a service as wanted, the highest numbers leave first. Resolves when they are up, or gone. */
  scale(service: Service, replicas: number): Promise<void>
  views(): ChildView[]
  /** The services first: what they still say needs the broker. */
  stop(graceMs: number): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type CrewOptions = { dir: string; envOf(user: string): Record<string, string>; onChange(): void }

/** Long enough for a run to write down that it was stopped. */
export const GRACE_MS = 5_000

export function openCrew({ dir, envOf, onChange }: CrewOptions): Crew {
  const programs: Child[] = []
  const children = new Map<string, Child[]>()
  const all = () => [...programs, ...[...children.values()].flat()]
  const changed = () => {
    recordStarted(dir, all())
    onChange()
  }

  const supervised = (replica: string) => ({ SLUICE_SUPERVISED: '1', SLUICE_DATA: dir, SLUICE_REPLICA: replica })

  function startReplica(service: Service, replica: string): Child {
    return keepRunning({
      ...{ name: service.name, replica },
      argv: [process.execPath, join(ROOT, programFile(service.program))],
      env: { ...envOf(service.name), ...supervised(replica) },
      logFile: join(dir, 'logs', `${service.name}.${replica}.log`),
      isReady: ({ said }) => said === service.readyAt,
      onChange: changed,
    })
  }

  async function stop(graceMs: number): Promise<void> {
    await Promise.all([...children.values()].flat().map((child) => child.stop(graceMs)))
    await Promise.all(programs.map((child) => child.stop(graceMs)))
    changed()
  }

  return {
    runProgram({ name, argv, isReady }) {
      const child = keepRunning({
        ...{ name, replica: '1', argv, isReady, onChange: changed },
        env: { ...envOf(name), ...supervised('1') },
        logFile: join(dir, 'logs', `${name}.1.log`),
      })
      programs.push(child)
      return child.ready
    },
    async scale(service, replicas) {
      if (replicas > 1 && !service.isRole)
        throw new Refusal(`There can be only one ${service.name}.`, 'Only roles can have several.')
      const running = children.get(service.name) ?? []
      const wanted = running.slice(0, replicas)
      while (wanted.length < replicas) wanted.push(startReplica(service, String(wanted.length + 1)))
      children.set(service.name, wanted)
      await Promise.all(running.slice(replicas).map((child) => child.stop(GRACE_MS)))
      await Promise.all(wanted.map((child) => child.ready))
      changed()
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

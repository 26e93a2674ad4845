/** What a house starts beside its broker: its own services, and whoever sits in a seat, of ours or of somebody else's. */
import { join } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { collectorIn } from '@sluice/kit/otlp/wanted.ts'
import { cacheDir } from '@sluice/kit/paths.ts'
import { programFile } from '@sluice/kit/program-file.ts'
import { reviewers } from '@sluice/kit/roles.ts'
import { foreignEnv, keyEnv, plainEnv, telemetryEnv } from './child-env.ts'
import { guardedGroup } from './guard.ts'
import type { Plan } from './plan.ts'
import type { Seat } from './seats/seat-book.ts'
import { seatEnv } from './seats/seat-files.ts'
import { programNamed } from './seats/staff.ts'
import { ROOT, type Service, services } from './services.ts'

export type Job = {
  /** Also its bus user. */
  name: string
  argv: readonly string[]
  cwd?: string
  env: Record<string, string>
  /** What it logs when it is up; null for somebody else's program. */
  readyAt: string | null
  /** More than one may run: they share a durable. */
  isRole: boolean
}

/** In the order they are started, without the seats whose occupant somebody else starts. */
export const jobsOf = (plan: Plan): Job[] => [
  ...services
    .filter((service) => !isReviewer(service) && isWanted(service, plan))
    .map((service) => serviceJob(plan, service)),
  ...plan.seats.all().flatMap((seat) => seatJob(plan, seat) ?? []),
]

export function jobNamed(plan: Plan, name: string): Job {
  const job = jobsOf(plan).find((one) => one.name === name)
  if (job) return job
  if (plan.seats.get(name))
    throw new Refusal(`Whoever sits in ${name} is not started by Sluice.`, 'Start as many of it as you want yourself.')
  throw new Refusal(`There is no service ${name}.`, '`sluice services` lists those there are.')
}

export function seatJob(plan: Plan, { seat, sitting }: Seat): Job | null {
  if (sitting.kind === 'external') return null
  if (sitting.kind === 'command') {
    const { command, directory } = sitting
    const env = { ...foreignEnv(plan.env), ...seatEnv(plan, seat) }
    return { name: seat, argv: guardedGroup(command), cwd: directory, env, readyAt: null, isRole: true }
  }
  const program = programNamed(sitting.program)
  if (!program)
    throw new Refusal(
      `No reviewer ${sitting.program} comes with this Sluice, and seats.json puts it into ${seat}.`,
      'Start a Sluice that has it, or name another one there.',
    )
  const job = serviceJob(plan, { ...program, name: seat, readyAt: 'connected', isRole: true })
  return { ...job, env: { ...job.env, SLUICE_SEAT: seat } }
}

/** Nothing is sent anywhere unless somebody says where to. */
const isWanted = ({ name }: Service, { env }: Plan): boolean => name !== 'telemetry' || collectorIn(env) !== null

const isReviewer = ({ name }: Service): boolean => reviewers.some((reviewer) => reviewer.name === name)

const serviceJob = (plan: Plan, { name, program, readyAt, isRole }: Service): Job => ({
  ...{ name, readyAt, isRole, env: ownEnv(plan, name) },
  argv: [process.execPath, join(ROOT, programFile(program))],
})

/** The real key is the gateway's, and not even its when the upstream brings one. */
export function ownEnv(plan: Pick<Plan, 'env' | 'upstream' | 'dir'>, user: string): Record<string, string> {
  // Halves what a service takes to start (measured); a directory that cannot be written changes nothing.
  const compiled = { NODE_COMPILE_CACHE: join(cacheDir(plan.env), 'compiled') }
  const supervised = { SLUICE_SUPERVISED: '1', SLUICE_DATA: plan.dir }
  const key = user === 'llm-gateway' && !plan.upstream && keyEnv(plan.env)
  const collector = user === 'telemetry' && telemetryEnv(plan.env)
  return { ...plainEnv(plan.env), ...compiled, ...key, ...collector, ...supervised }
}

/** More or fewer replicas of a role while it works: who leaves gives back what it has in hand. */
import { Refusal } from '@sluice/kit/errors.ts'
import { writeBusFiles } from './bus-files.ts'
import type { Crew } from './crew.ts'
import { jobNamed } from './jobs.ts'
import { buildsOf } from './own.ts'
import type { Plan } from './plan.ts'

/** Each is a process of some 60 MB. */
const MOST = 64

/** Resolves when those that leave are gone; those that come may still be starting. */
export async function scale(plan: Plan, crew: Crew, { name, replicas }: { name: string; replicas: number }) {
  const job = jobNamed(plan, name)
  if (!job.isRole && replicas !== 1)
    throw new Refusal(`There is one ${name} and no more.`, 'Only roles can have several, or none.')
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > MOST)
    throw new Refusal(`${replicas} is no number of replicas.`, `Take one from 0 to ${MOST}.`)
  // Written down first: cut off in between, the next start has what was wanted.
  if (job.isRole) plan.replicas.put(name, replicas)
  writeBusFiles(plan)
  await crew.scale(job, replicas)
  return { builds: buildsOf(plan) }
}

/** Every process that serves here: as its supervisor sees it, and as it says of itself on the bus. */
import type { Bus } from '@sluice/kit/bus.ts'
import { waitingFor } from '@sluice/kit/durable.ts'
import { type Alive, askServices } from '@sluice/kit/srv.ts'
import type { ServiceView } from '@sluice/proto/rest.ts'
import pack from '../package.json' with { type: 'json' }
import type { ChildView } from './child.ts'
import type { Crew } from './crew.ts'
import type { Plan } from './plan.ts'
import { staffOf } from './seats/staff.ts'

export async function servicesOf({ bus, crew, plan }: { bus: Bus; crew: Crew; plan: Plan }): Promise<ServiceView[]> {
  const views = crew.views()
  const staff = staffOf(plan.seats)
  const taking = staff.map(({ name }) => name)
  /** A program that knows nothing of us may answer, and need not. */
  const mustAnswer = (name: string) => !isSilent(name) && staff.find((role) => role.name === name)?.isOurs !== false
  const names = [...new Set([...views.map(({ name }) => name), ...taking])]
  const said = await Promise.all(
    names.map(async (name) => {
      const ours = views.filter((view) => view.name === name)
      const [alive, waiting] = await Promise.all([
        isSilent(name) ? [] : askServices(bus.nc, name, ours.filter(({ state }) => state === 'running').length),
        taking.includes(name) ? waitingFor(bus.nc, name) : null,
      ])
      return { ours, alive, pending: waiting?.pending ?? null }
    }),
  )
  /** Of a stranger it is known only if it says so. */
  const versionOf = (name: string) =>
    name === 'broker' ? (plan.broker?.version ?? '') : mustAnswer(name) || name === 'model' ? pack.version : ''
  return said.flatMap(({ ours, alive, pending }) => [
    ...ours.map((view) => ({
      ...merged(view, alive, { version: versionOf(view.name), mustAnswer: mustAnswer(view.name) }),
      pending,
    })),
    ...alive.filter((one) => !ours.some((view) => isOf(one, view))).map((one) => ({ ...foreign(one), pending })),
  ])
}

const isSilent = (name: string): boolean => name === 'broker' || name === 'model'

/** A wrapper has another id than what it started: then the replica decides. */
const isOf = ({ pid, replica }: Alive, view: ChildView): boolean => pid === view.pid || replica === view.replica

/** What it says of itself counts; what ended it only its supervisor knows. */
function merged(
  view: ChildView,
  alive: Alive[],
  usual: { version: string; mustAnswer: boolean },
): Omit<ServiceView, 'pending'> {
  const said = alive.find((one) => isOf(one, view))
  const { busy, lastError } = said?.vitals ?? view
  return {
    ...{ ...view, version: said?.version ?? usual.version, busy, lastError: lastError ?? view.lastError },
    ...(said?.vitals && { handled: said.vitals.handled }),
    ...(said && { alive: true }),
    ...(!said && usual.mustAnswer && view.state === 'running' && { alive: false }),
  }
}

/** Nobody of ours started it, and it answers all the same. */
const foreign = ({ name, replica, version, pid, vitals }: Alive): Omit<ServiceView, 'pending'> => ({
  ...{ name, replica, version, pid, state: 'running', restarts: 0, alive: true },
  ...{ busy: vitals?.busy ?? 0, lastError: vitals?.lastError ?? null },
  ...(vitals && { handled: vitals.handled }),
})

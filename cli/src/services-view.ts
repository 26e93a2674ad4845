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
  const taking = staffOf(plan.seats).map(({ name }) => name)
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
  const versionOf = (name: string) => (name === 'broker' ? (plan.broker?.version ?? '') : pack.version)
  return said.flatMap(({ ours, alive, pending }) => [
    ...ours.map((view) => ({ ...merged(view, alive, versionOf(view.name)), pending })),
    ...alive.filter((one) => !ours.some((view) => isOf(one, view))).map((one) => ({ ...foreign(one), pending })),
  ])
}

/** Programs that know nothing of us. */
const isSilent = (name: string): boolean => name === 'broker' || name === 'model'

/** A wrapper has another id than what it started: then the replica decides. */
const isOf = ({ pid, replica }: Alive, view: ChildView): boolean => pid === view.pid || replica === view.replica

/** What it says of itself counts; what ended it only its supervisor knows. */
function merged(view: ChildView, alive: Alive[], usual: string): Omit<ServiceView, 'pending'> {
  const said = alive.find((one) => isOf(one, view))
  const { busy, lastError } = said?.vitals ?? view
  return { ...view, version: said?.version ?? usual, busy, lastError: lastError ?? view.lastError }
}

/** Nobody of ours started it, and it answers all the same. */
const foreign = ({ name, replica, version, pid, vitals }: Alive): Omit<ServiceView, 'pending'> => ({
  ...{ name, replica, version, pid, state: 'running', restarts: 0 },
  ...{ busy: vitals?.busy ?? 0, lastError: vitals?.lastError ?? null },
})

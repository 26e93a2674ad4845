/** The desk where seats are given: who sits where changes here while everything runs, and nobody else is dropped. */
import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type Bus, isLetIn } from '@sluice/kit/bus.ts'
import { serviceFile } from '@sluice/kit/config.ts'
import { closeDurable, handBack, openDurable, waitingFor } from '@sluice/kit/durable.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import type { SeatView } from '@sluice/proto/rest.ts'
import { Sitting } from '@sluice/proto/seat.ts'
import { writeBusFiles } from '../bus-files.ts'
import type { Crew } from '../crew.ts'
import { seatJob } from '../jobs.ts'
import type { BusPlace } from '../own.ts'
import type { Plan } from '../plan.ts'
import { busPassword, forgetSecrets } from '../secrets.ts'
import { refuseChecks, refuseName, refuseSitting, sittingIn } from './refusals.ts'
import type { Seat } from './seat-book.ts'
import { removeSeatFile, seatFile } from './seat-files.ts'
import { staffOfSeat } from './staff.ts'

/** As the supervisor sees it: what new stories need is the project's to say. */
export type SeatNow = Omit<SeatView, 'required'>

export type SeatDesk = {
  list(): Promise<SeatNow[]>
  add(seat: Seat): Promise<SeatNow>
  /** Resolves when the one before is gone and what it had in hand waits for the new one. */
  swap(seat: Seat): Promise<SeatNow>
  remove(seat: string): Promise<void>
}

export function openSeatDesk({ plan, crew, bus }: { plan: Plan; crew: Crew; bus: Bus }): SeatDesk {
  const { seats, keys, dir, env } = plan

  async function viewOf({ seat, sitting }: Seat): Promise<SeatNow> {
    const waiting = await waitingFor(bus.nc, seat)
    const states = crew.views().flatMap(({ name, state }) => (name === seat ? [state] : []))
    const heard = waiting?.isServed ? 'running' : 'unknown'
    const ours = (['running', 'starting'] as const).find((state) => states.includes(state)) ?? 'stopped'
    const state = sitting.kind === 'external' ? heard : ours
    return { seat, sitting, state, pending: waiting?.pending ?? null, file: seatFile(dir, seat) }
  }

  async function begin(seat: Seat): Promise<void> {
    const job = seatJob(plan, seat)
    if (job) await crew.scale(job, Math.max(1, plan.replicas.of(seat.seat)))
  }

  /** Told by a signal; looked at until it holds: a broker that is just starting has not heard it. */
  async function tellBroker(seat: string, isGone = false): Promise<void> {
    // One that lets everybody in has nothing to be told.
    if (plan.bus.foreign) return
    const credentials = { url: plan.bus.url, user: seat, password: busPassword(keys, seat) }
    for (let tries = 0; tries < TRIES; tries++) {
      if (tries % TRIES_A_SIGNAL === 0) crew.signal('broker', 'SIGHUP')
      if ((await isLetIn(credentials)) !== isGone) return
      await delay(POLL_MS)
    }
    throw new Refusal(
      'The broker did not take over who may speak.',
      'Its log, logs/broker.1.log in the data directory, says why; stop Sluice and start it again.',
    )
  }

  return {
    list: () => Promise.all(seats.all().map(viewOf)),

    async add({ seat, sitting }) {
      refuseForeign(plan.bus)
      refuseName(seat)
      const there = seats.get(seat)
      // Whoever says it again did not hear the answer.
      if (there && isSame(there, sitting)) return await viewOf({ seat, sitting })
      if (there)
        throw new Refusal(
          `There is a seat ${seat} already.`,
          `\`sluice reviewer swap ${seat}\` changes who sits there.`,
        )
      refuseSitting(sitting, env)
      await openDurable(bus.nc, staffOfSeat({ seat, sitting }), plan.ackWaitMs)
      seats.put(seat, sitting)
      writeBusFiles(plan)
      await tellBroker(seat)
      await begin({ seat, sitting })
      return await viewOf({ seat, sitting })
    },

    async swap({ seat, sitting }) {
      refuseForeign(plan.bus)
      refuseChecks(seat)
      const before = seatJob(plan, { seat, sitting: sittingIn(seats, seat) })
      refuseSitting(sitting, env)
      if (before) await crew.scale(before, 0)
      // One that is not ours to stop is cut off: from here on its password and its token are nobody's.
      forgetSecrets(keys, seat)
      seats.put(seat, sitting)
      writeBusFiles(plan)
      try {
        await tellBroker(seat)
        await handBack(bus.nc, seat)
      } finally {
        // Whatever the broker said, nobody else will begin it.
        await begin({ seat, sitting })
      }
      return await viewOf({ seat, sitting })
    },

    async remove(seat) {
      refuseForeign(plan.bus)
      refuseChecks(seat)
      const before = seatJob(plan, { seat, sitting: sittingIn(seats, seat) })
      if (before) await crew.scale(before, 0)
      seats.remove(seat)
      plan.replicas.forget(seat)
      writeBusFiles(plan)
      await tellBroker(seat, true)
      forgetSecrets(keys, seat)
      await closeDurable(bus.nc, seat)
      removeSeatFile(dir, seat)
      rmSync(serviceFile(seat, dir), { force: true })
    },
  }
}

const POLL_MS = 50
const TRIES = 200
const TRIES_A_SIGNAL = 40

/** Its users are changed by whoever runs it. */
function refuseForeign({ foreign, problem }: BusPlace): void {
  if (!foreign || problem) return
  throw new Refusal(
    'The broker is not ours, and only who runs it can let another reviewer in.',
    'Unset SLUICE_NATS_URL and start Sluice again: seats change while everything runs on its own broker.',
  )
}

const isSame = (a: Sitting, b: Sitting): boolean =>
  JSON.stringify(Sitting.parse(a)) === JSON.stringify(Sitting.parse(b))

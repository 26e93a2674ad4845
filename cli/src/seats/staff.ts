/** Every role of a house as bus and broker must know it: the fixed ones, and each seat as its occupant needs it. */
import type { Taker } from '@sluice/kit/broker.ts'
import type { RoleShape } from '@sluice/kit/permissions.ts'
import { reviewers, roles, seatShape } from '@sluice/kit/roles.ts'
import type { Seat, SeatBook } from './seat-book.ts'

export type Staff = RoleShape & Taker & { /** A program of ours, which may ask a model. */ isOurs: boolean }

export const staffOf = (seats: SeatBook): Staff[] => [
  ...roles.filter((role) => !reviewers.includes(role)).map((role) => ({ ...role, isOurs: true })),
  ...seats.all().map(staffOfSeat),
]

export function staffOfSeat({ seat, sitting }: Seat): Staff {
  const program = sitting.kind === 'builtin' ? programNamed(sitting.program) : undefined
  const uses = program?.uses ?? []
  return { ...seatShape(seat), uses, isOurs: sitting.kind === 'builtin', isForeign: sitting.kind === 'external' }
}

export const programNamed = (name: string) => reviewers.find((reviewer) => reviewer.name === name)

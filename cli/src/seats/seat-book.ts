/** Who sits in which seat, and what survives a restart of it: `<data>/seats.json`. */
import { join } from 'node:path'
import { Token } from '@sluice/proto/event.ts'
import { defaultSeats } from '@sluice/proto/pipeline.ts'
import { Sitting } from '@sluice/proto/seat.ts'
import { z } from 'zod'
import { readOrNull, writePrivate } from '../private-file.ts'

export type Seat = { seat: string; sitting: Sitting }

export type SeatBook = {
  all(): Seat[]
  get(seat: string): Sitting | null
  put(seat: string, sitting: Sitting): void
  remove(seat: string): void
}

const Kept = z.record(Token, Sitting)

/** Until somebody says otherwise every seat is its own reviewer's. */
const ownReviewers = (): Record<string, Sitting> =>
  Object.fromEntries(defaultSeats.map((seat) => [seat, { kind: 'builtin', program: seat }]))

export function openSeatBook(dir: string): SeatBook {
  const file = join(dir, 'seats.json')
  const text = readOrNull(file)
  const kept = new Map(Object.entries(text === null ? ownReviewers() : Kept.parse(JSON.parse(text))))
  const keep = () => writePrivate(file, JSON.stringify(Object.fromEntries(kept), null, 2))
  return {
    all: () => [...kept].map(([seat, sitting]) => ({ seat, sitting })),
    get: (seat) => kept.get(seat) ?? null,
    put(seat, sitting) {
      kept.set(seat, sitting)
      keep()
    },
    remove(seat) {
      kept.delete(seat)
      keep()
    },
  }
}

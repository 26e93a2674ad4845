/** The seats that somebody asks for over REST, each opened by the first who brings its token. */
import { isSame } from '../access.ts'
import type { SeatKeys } from './keys.ts'
import { openSeat, type Seat, type SeatOptions } from './seat.ts'

export type Seats = AsyncDisposable & {
  /** Null for a token that is not this seat's, and for a seat that is none: who asks learns no more. */
  enter(seat: string, token: string): Promise<Seat | null>
}

/** Nobody's token: compared all the same, so that the time it takes says nothing. */
const NOBODY = ''

export function openSeats(keys: SeatKeys, options: SeatOptions): Seats {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const open = new Map<string, { password: string; seat: Seat }>()

  return {
    async enter(name, token) {
      const key = await keys(name)
      if (!isSame(key?.token ?? NOBODY, token) || token === NOBODY || !key) return null
      const known = open.get(name)
      if (known?.password === key.bus.password) return known.seat
      // The seat has changed hands: what the one before has in hand is nobody's any more, and nobody waits for it.
      known?.seat.abandon()
      const seat = openSeat(name, key, { ...options, signal })
      open.set(name, { password: key.bus.password, seat })
      return seat
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('web stops.'))
      await Promise.all([...open.values()].map(({ seat }) => seat[Symbol.asyncDispose]()))
    },
  }
}

/** Seats of a house from outside: commands as web gives them, an occupant that speaks the bus with its seat's file, and what it is asked. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bus, connectBus, type JsMsg } from '@sluice/kit/bus.ts'
import { durableOf } from '@sluice/kit/permissions.ts'
import type { Envelope } from '@sluice/proto/event.ts'
import { SeatFile } from '@sluice/proto/seat.ts'
import type { TinyWorld } from './tiny-world.ts'

const corpus = new URL('../../../proto/corpus/0.1-story.jsonl', import.meta.url)

/** A request of that story to these seats, true to its schema. */
export function reviewRequested(storyId: string, seats: string[]): Envelope {
  const events = readFileSync(corpus, 'utf8').trim().split('\n')
  const asked = events.map((line) => JSON.parse(line) as Envelope).find(({ type }) => type === 'review.requested')
  if (!asked) throw new Error('The corpus holds no review.')
  return { ...asked, id: `review-of-${storyId}`, storyId, data: { ...(asked.data as object), seats } }
}

export const seatFileOf = ({ dataDir }: TinyWorld, seat: string): SeatFile =>
  SeatFile.parse(JSON.parse(readFileSync(join(dataDir, 'seats', `${seat}.json`), 'utf8')))

export const sitDown = (world: TinyWorld, seat: string): Promise<Bus> => connectBus(seatFileOf(world, seat).bus)

/** The next request of the seat; null when there is none for a moment. */
export async function takeNext({ js, source }: Bus, expires = 1_000): Promise<JsMsg | null> {
  const consumer = await js.consumers.get('STORY', durableOf(source))
  return consumer.next({ expires })
}

export const storyOf = (message: JsMsg | null): string | null => message?.subject.split('.')[1] ?? null

export async function tell<T = Record<string, unknown>>(web: Bus, command: string, asked: object): Promise<T> {
  return (await web.nc.request(`command.${command}`, JSON.stringify(asked), { timeout: 30_000 })).json<T>()
}

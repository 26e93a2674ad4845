/** A person's command about one story: which it is, what it says, what it became. */
import { type Card, Commanded } from '@sluice/proto/rest.ts'
import type { HouseOptions } from './args.ts'
import { openRest } from './opened.ts'
import type { Rest } from './rest.ts'
import { findStory } from './stories.ts'
import { print, printJson } from './terminal.ts'

export type About = { card: Card; rest: Rest; origin: string }

export async function aboutStory(prefix: string, options: HouseOptions): Promise<About> {
  const { house, rest } = await openRest(options)
  return { card: await findStory(rest, prefix), rest, origin: house.origin }
}

export const sendCommand = ({ rest, card }: About, verb: string, body: unknown): Promise<Commanded> =>
  rest.post(`/api/stories/${encodeURIComponent(card.id)}/${verb}`, body, Commanded)

/** `done` says it in a sentence; with `--json` it is the event's id. */
export const report = ({ card }: About, { json }: HouseOptions, done: { events: Commanded[]; text: string }): 0 =>
  json ? printJson({ id: card.id, events: done.events.map(({ event }) => event) }) : print(done.text)

/** Every event that was ever released, as it was recorded: the examples of the contracts, and what a test still reads. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Event } from './events.ts'

const dir = new URL('../corpus/', import.meta.url)

export const corpus: readonly { name: string; events: readonly Event[] }[] = readdirSync(dir).map((name) => ({
  name,
  events: readFileSync(new URL(name, dir), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event),
}))

/** The first of its type that was released. */
export function corpusExample(type: string): Event {
  const found = corpus.flatMap(({ events }) => events).find((event) => event.type === type)
  if (!found) throw new Error(`The corpus has no ${type}: add one to proto/corpus/.`)
  return found
}

/** The JSON Schema (draft 2020-12) of every event and of what a reviewer reads and sends, printed from its zod schema. */
import { z } from 'zod'
import { Envelope } from './event.ts'
import { eventTypes } from './events.ts'
import { Judgement, SeatFile, SentVerdict, Taken } from './seat.ts'

/** File name → content, as they stand in `proto/schema/`. */
export function schemaFiles(): Record<string, string> {
  const events = eventTypes.map(({ type, about, aggregate, from, data }) => {
    const title = `${type}: ${about}`
    const subject = `${aggregate}.<${aggregate}Id>.${type}.<source>`
    const schema = z.toJSONSchema(Envelope.extend({ type: z.literal(type), data }), { io: 'input' })
    return [`${type}.json`, print({ title, description: `Subject ${subject}; said by ${from.join(', ')}.`, ...schema })]
  })
  const others = seatSchemas.map(([name, title, schema]) => [
    `${name}.json`,
    print({ title, ...z.toJSONSchema(schema, { io: 'input' }) }),
  ])
  return Object.fromEntries([...events, ...others])
}

const seatSchemas: readonly (readonly [name: string, title: string, schema: z.ZodType])[] = [
  ['seat-file', 'What a reviewer needs to take its seat, on the bus or over REST.', SeatFile],
  ['taken', '200 of POST /api/seats/<seat>/take: the request, and for how long it is yours.', Taken],
  ['sent-verdict', 'Body of POST /api/seats/<seat>/takes/<take>/verdict.', SentVerdict],
  ['judgement', '200 of a verdict: the event it became.', Judgement],
]

const print = (schema: unknown): string => `${JSON.stringify(schema, null, 2)}\n`

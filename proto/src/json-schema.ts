/** The JSON Schema (draft 2020-12) of every event, printed from its zod schema. */
import { z } from 'zod'
import { Envelope } from './event.ts'
import { eventTypes } from './events.ts'

/** File name → content, as they stand in `proto/schema/`. */
export function schemaFiles(): Record<string, string> {
  const files = eventTypes.map(({ type, about, aggregate, from, data }) => {
    const title = `${type}: ${about}`
    const subject = `${aggregate}.<${aggregate}Id>.${type}.<source>`
    const schema = z.toJSONSchema(Envelope.extend({ type: z.literal(type), data }), { io: 'input' })
    return [`${type}.json`, print({ title, description: `Subject ${subject}; said by ${from.join(', ')}.`, ...schema })]
  })
  return Object.fromEntries(files)
}

const print = (schema: unknown): string => `${JSON.stringify(schema, null, 2)}\n`

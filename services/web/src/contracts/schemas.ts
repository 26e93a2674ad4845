/** JSON Schema of what our schemas say, each named one once, as both contracts refer to them. */
import * as memory from '@sluice/kit/memory.ts'
import * as event from '@sluice/proto/event.ts'
import * as parts from '@sluice/proto/parts.ts'
import * as rest from '@sluice/proto/rest.ts'
import * as seat from '@sluice/proto/seat.ts'
import * as term from '@sluice/proto/term.ts'
import { z } from 'zod'

export type JsonSchema = { [keyword: string]: unknown }

export type Schemas = {
  /** A reference to a named schema; the schema itself where it has no name. */
  of(schema: z.ZodType): JsonSchema
  /** Every named schema that is referred to, by its name. */
  components(): Record<string, JsonSchema>
}

const REF = '#/components/schemas/'

/** AsyncAPI speaks draft 7, OpenAPI 3.1 what came after it. */
export function openSchemas(target: 'draft-7' | 'draft-2020-12', more: Record<string, z.ZodType> = {}): Schemas {
  const named = Object.entries({ ...shared, ...more })
  const names = new Map(named.map(([name, schema]) => [schema, name]))
  const all = converted(named, target)
  const used = new Set<string>()

  const noted = (schema: JsonSchema): JsonSchema => {
    for (const name of namesIn(schema)) {
      if (used.has(name)) continue
      used.add(name)
      noted(all[name] ?? {})
    }
    return schema
  }

  return {
    of(schema) {
      const name = names.get(schema)
      if (name !== undefined) return noted({ $ref: REF + name })
      return noted(converted([...named, [OWN, schema]], target)[OWN] ?? {})
    },
    components: () => Object.fromEntries([...used].sort().map((name) => [name, all[name] ?? {}])),
  }
}

const OWN = '='

function converted(named: readonly (readonly [string, z.ZodType])[], target: 'draft-7' | 'draft-2020-12') {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of named) registry.add(schema, { id })
  // As it may be sent: what has a default may be left out.
  const { schemas } = z.toJSONSchema(registry, { target, io: 'input', uri: (id) => REF + id })
  const bare = Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema] as const)
  return Object.fromEntries(bare) as Record<string, JsonSchema>
}

const namesIn = (schema: JsonSchema): string[] =>
  [...JSON.stringify(schema).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name)

/** What is exported under a name of its own. Tokens and hashes say more where they stand. */
const shared: Record<string, z.ZodType> = Object.fromEntries(
  [parts, rest, seat, term, memory, { Envelope: event.Envelope }].flatMap((module) =>
    Object.entries(module).filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType),
  ),
)

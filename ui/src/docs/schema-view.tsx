/** What a schema asks for, field by field; what has parts of its own is folded shut. */
import { typeOf } from '@sluice/proto/schema-table.ts'
import { useState } from 'react'
import { nameIn, type Schema, type Schemas } from './contract.ts'

export function SchemaView({ schema, schemas }: { schema: Schema; schemas: Schemas }) {
  const shapes = shapesOf(schema, schemas)
  if (shapes.length === 0) return <p className="docs-type">{typeOf(schema, (name) => name)}</p>
  return (
    <>
      {shapes.length > 1 && <p className="quiet">One of these:</p>}
      {shapes.map((shape) => (
        <ul className="fields" key={JSON.stringify(shape).slice(0, 400)}>
          {fieldsOf(shape).map((field) => (
            <Field key={field.name} {...field} schemas={schemas} />
          ))}
        </ul>
      ))}
    </>
  )
}

type FieldOf = { name: string; schema: Schema; needed: boolean }

function Field({ name, schema, needed, schemas }: FieldOf & { schemas: Schemas }) {
  const [open, setOpen] = useState(false)
  const label = (
    <>
      <code>{name}</code> <span className="docs-type">{typeOf(schema, (one) => one).replaceAll('`', '')}</span>{' '}
      {!needed && <span className="quiet">optional</span>}
      <Limits schema={schema} />
    </>
  )
  if (shapesOf(schema, schemas).length === 0) return <li>{label}</li>
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{label}</summary>
        {open && <SchemaView schema={schema} schemas={schemas} />}
      </details>
    </li>
  )
}

const LIMITS = ['pattern', 'minLength', 'maxLength', 'minItems', 'maxItems', 'exclusiveMinimum', 'default'] as const

/** A pattern of a date says no more than that it is one. */
function Limits({ schema }: { schema: Schema }) {
  const limits = LIMITS.filter((limit) => limit in schema && !('format' in schema))
  if (limits.length === 0) return null
  return <span className="quiet"> {limits.map((limit) => `${limit} ${said(schema[limit])}`).join(', ')}</span>
}

const said = (limit: unknown): string => (typeof limit === 'string' ? limit : JSON.stringify(limit))

/** The objects that a value may be: of a list those of its items, of a choice each of them. */
function shapesOf(schema: unknown, schemas: Schemas): Schema[] {
  const one = (schema ?? {}) as Schema
  if (typeof one.$ref === 'string') return shapesOf(schemas[nameIn(one.$ref)], schemas)
  if (one.type === 'array') return shapesOf(one.items, schemas)
  if (one.properties) return [one]
  const choices = [one.oneOf, one.anyOf, one.allOf].find(Array.isArray) ?? []
  const inner = [...choices, ...(one.type === 'object' && one.additionalProperties ? [one.additionalProperties] : [])]
  return inner.flatMap((choice) => shapesOf(choice, schemas))
}

function fieldsOf({ properties, required }: Schema): FieldOf[] {
  const needed = new Set(Array.isArray(required) ? required : [])
  return Object.entries((properties ?? {}) as Record<string, Schema>).map(([name, schema]) => ({
    ...{ name, schema, needed: needed.has(name) },
  }))
}

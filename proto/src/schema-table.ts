/** A JSON Schema as rows to read: each field with its type and whether it must be there. */

type Schema = { [keyword: string]: unknown }
export type Row = { field: string; type: string; needed: boolean }

/** `named` says how a named schema is written. */
export function rowsOf(schema: unknown, named: (name: string) => string, prefix = ''): Row[] {
  const { properties, required, oneOf, anyOf } = bare(schema)
  if (isSchema(properties)) {
    const needed = new Set(Array.isArray(required) ? required : [])
    return Object.entries(properties).flatMap(([name, inner]) => {
      const field = prefix ? `${prefix}.${name}` : name
      const own: Row = { field, type: typeOf(inner, named), needed: needed.has(name) }
      return [own, ...rowsOf(inner, named, `${field}${isArray(inner) ? '[]' : ''}`)]
    })
  }
  const shapes = [oneOf, anyOf]
    .filter(Array.isArray)
    .flat()
    .filter((one) => isSchema(bare(one).properties))
  if (shapes.length > 0)
    return shapes.flatMap((one) => {
      const kind = kindOf(one)
      return rowsOf(one, named, kind ? `${prefix}(${kind})` : prefix)
    })
  return isArray(schema) ? rowsOf(bare(schema).items, named, prefix) : []
}

/** What tells one shape of a union from the others: its constant. */
function kindOf(schema: unknown): string {
  const fields = Object.entries((bare(schema).properties ?? {}) as Schema)
  const [name, inner] = fields.find(([, one]) => 'const' in bare(one)) ?? []
  return name ? `${name}=${String(bare(inner).const)}` : ''
}

export function typeOf(schema: unknown, named: (name: string) => string): string {
  const one = bare(schema)
  if (typeof one.$ref === 'string') return named(one.$ref.split('/').at(-1) ?? '')
  if ('const' in one) return `\`${JSON.stringify(one.const)}\``
  if (Array.isArray(one.enum)) return one.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ')
  if (one.type === 'array') return `list of ${typeOf(one.items, named)}`
  const either = [one.oneOf, one.anyOf].find(Array.isArray)
  if (either) return [...new Set(either.map((inner) => typeOf(inner, named)))].join(' or ')
  if (one.type === 'object' && isSchema(one.additionalProperties) && !one.properties)
    return `object of ${typeOf(one.additionalProperties, named)}`
  if (typeof one.format === 'string') return one.format
  return typeof one.type === 'string' ? one.type : 'anything'
}

/** An optional reference is wrapped once. */
function bare(schema: unknown): Schema {
  if (!isSchema(schema)) return {}
  const { allOf } = schema
  return Array.isArray(allOf) && allOf.length === 1 && isSchema(allOf[0]) ? allOf[0] : schema
}

const isArray = (schema: unknown): boolean => bare(schema).type === 'array'
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

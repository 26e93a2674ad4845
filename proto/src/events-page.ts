/** `docs/events.md`: every event with who says it, what it follows, its fields and an example, printed from the code. */
import { z } from 'zod'
import { corpus, corpusExample } from './corpus.ts'
import { EventId, type EventType, Instant, ObjectId, Sha256, subjectOf, Token } from './event.ts'
import { eventTypes } from './events.ts'
import * as parts from './parts.ts'
import { rowsOf, typeOf } from './schema-table.ts'
import { Sitting } from './seat.ts'
import { stepPicture, storyPicture } from './state-picture.ts'

export function eventsPage(): string {
  return [
    intro,
    '## The way of a story\n\nPrinted from `proto/src/pipeline.ts`. `story.cancelled` ends it from anywhere.',
    fenced('mermaid', storyPicture()),
    'Each piece of work in it, and the word of each seat, goes this way (`Step` in `proto/src/story.ts`):',
    fenced('mermaid', stepPicture()),
    '## All events',
    overview(),
    ...eventTypes.flatMap(chapter),
    '## Parts\n\nWhat several events share.',
    ...Object.keys(named)
      .sort()
      .filter((name) => schemas[name])
      .flatMap(part),
    '',
  ].join('\n\n')
}

const intro = `# Events

Everything that happens is an event on the stream STORY of the bus, in JSON, with the attributes of CloudEvents 1.0. Printed by \`npm run schema\`: change the
code, not this page. The same for machines: [asyncapi.json](asyncapi.json), and a JSON Schema each in [proto/schema](../proto/schema).

Around the fields below (\`data\`) stands the same envelope:

| field | what |
|---|---|
| \`specversion\`, \`datacontenttype\` | \`"1.0"\`, \`"application/json"\` |
| \`id\` | hash of cause, source, type and n: the same thing said twice is one event. Also the header \`Nats-Msg-Id\` |
| \`source\` | who says it: the bus user, and the last token of the subject |
| \`type\`, \`time\` | what, and when (RFC 3339, UTC) |
| \`projectId\`, \`storyId\` | whose; project events have no story |
| \`causationId\` | the event that caused it; null for what begins with a person |

Events outlive code: types are added, never re-meant; new fields are optional. Pass over what you do not know.`

const named: Record<string, z.ZodType> = {
  ...Object.fromEntries(Object.entries(parts).filter((entry) => entry[1] instanceof z.ZodType)),
  ...{ Sitting, Token, EventId, Instant, Sha256, ObjectId },
} as Record<string, z.ZodType>

const idOf = (type: string): string => `data of ${type}`
const schemas = registered()

function registered(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  for (const { type, data } of eventTypes) registry.add(data, { id: idOf(type) })
  return z.toJSONSchema(registry, { io: 'input' }).schemas
}

const anchor = (heading: string): string => `#${heading.toLowerCase().replaceAll('.', '')}`
const link = (name: string): string => `[${name}](${anchor(name)})`

const overview = (): string =>
  table(
    ['event', 'said by', 'what'],
    eventTypes.map(({ type, from, about }) => [link(type), sayersOf(from), about]),
  )

const sayersOf = (from: readonly string[]): string =>
  from.map((one) => (one === 'seat' ? 'the seat' : `\`${one}\``)).join(', ')

function chapter({ type, about, from, aggregate }: EventType): string[] {
  const example = corpusExample(type)
  const rows = rowsOf(schemas[idOf(type)], link)
  return [
    `### ${type}`,
    about,
    `- Subject: \`${aggregate}.<${aggregate}Id>.${type}.<source>\`, for example \`${subjectOf(example)}\`\n- Said by: ${sayersOf(from)}\n- Follows: ${causesOf(type)}`,
    rows.length > 0 ? fieldTable(rows) : 'It says no more than that.',
    `<details><summary>Example</summary>\n\n${fenced('json', JSON.stringify(example, null, 2))}\n\n</details>`,
  ]
}

const fieldTable = (rows: ReturnType<typeof rowsOf>): string =>
  table(
    ['field', 'type', ''],
    rows.map(({ field, type, needed }) => [`\`${field}\``, type, needed ? '' : 'optional']),
  )

function part(name: string): string[] {
  const schema = schemas[name]
  const rows = rowsOf(schema, link)
  if (rows.length > 0) return [`### ${name}`, fieldTable(rows)]
  const { pattern } = schema as { pattern?: string }
  return [`### ${name}`, pattern ? `A string like \`${pattern}\`.` : `${typeOf(schema, link)}.`]
}

/** As the corpus has it; an answer follows its request. */
function causesOf(type: string): string {
  const [noun = '', verb = ''] = type.split('.')
  if (['completed', 'paused', 'failed'].includes(verb) && eventTypes.some((one) => one.type === `${noun}.requested`))
    return link(`${noun}.requested`)
  const all = corpus.flatMap(({ events }) => events)
  const typeBy = new Map(all.map((event) => [event.id, event.type]))
  const causes = all
    .filter((event) => event.type === type)
    .map(({ causationId }) => causationId && typeBy.get(causationId))
  const known = [...new Set(causes.filter((one) => one !== undefined && one !== null))].sort()
  if (known.length > 0) return known.map(link).join(', ')
  return all.some((event) => event.type === type && event.causationId)
    ? 'the request it names'
    : 'what somebody decides'
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')
const cell = (text: string): string => text.replaceAll('|', '\\|')
const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``

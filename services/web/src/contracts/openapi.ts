/** REST as an OpenAPI 3.1 document, printed from the routes' own descriptions. */
import { Problem } from '@sluice/proto/rest.ts'
import pack from '../../package.json' with { type: 'json' }
import type { Asker, Content, Param, Reply, Route } from './route.ts'
import { routes } from './routes.ts'
import { type JsonSchema, openSchemas, type Schemas } from './schemas.ts'

export type Document = { [member: string]: unknown }

export function openapi(): Document {
  const schemas = openSchemas('draft-2020-12')
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = templated(route.path)
    paths[path] = { ...paths[path], [route.method]: operation(route, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      ...{ title: 'Sluice', version: pack.version, description: about },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:{port}', variables: { port: { default: '4747' } } }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name, description: tags[name] })),
    paths,
    components: { schemas: schemas.components(), securitySchemes },
  }
}

const about =
  'What web serves on this machine: commands of the person, views, the door for reviewers, artifacts. `sluice up` prints the address. Every refusal is a `Problem`: what is wrong in one sentence, and the mend in another.'

const tags: Record<string, string> = {
  Stories: 'Submit, watch and decide.',
  Reviewers: 'Seats, and who sits there.',
  'Seat door': 'For reviewers, with the token of their seat; docs/reviewers.md tells it in order.',
  House: 'What runs here, what it cost, what is stuck.',
  Memory: 'What shipped stories and the history of the base branch taught.',
  Artifacts: 'Files by the hash of their content.',
  Page: 'Where a browser comes in.',
}

const securitySchemes = {
  person: { type: 'http', scheme: 'bearer', description: 'The session token, in the address that `sluice up` prints.' },
  cookie: {
    ...{ type: 'apiKey', in: 'cookie', name: 'sluice-4747' },
    description: 'The same in a browser, set by `GET /?token=`; the name ends in the port.',
  },
  seat: { type: 'http', scheme: 'bearer', description: 'The token in the file of the seat, `seats/<seat>.json`.' },
  role: { type: 'http', scheme: 'bearer', description: 'A token `sluice up` gives to each role; artifacts only.' },
}

const securityOf: Record<Asker, object[]> = {
  person: [{ person: [] }, { cookie: [] }],
  seat: [{ seat: [] }],
  house: [{ person: [] }, { cookie: [] }, { role: [] }, { seat: [] }],
  anyone: [],
}

/** `/stories/:id` as OpenAPI writes it. */
export const templated = (path: string): string => path.replace(/:(\w+)/g, '{$1}')

function operation(route: Route, schemas: Schemas): object {
  const { id, tag, summary, about, asker, body, replies } = route
  return {
    ...{ operationId: id, tags: [tag], summary, ...(about ? { description: about } : {}) },
    security: securityOf[asker],
    parameters: parametersOf(route, schemas),
    ...(body
      ? { requestBody: { required: body.schema?.safeParse({}).success !== true, content: contentOf([body], schemas) } }
      : {}),
    responses: {
      ...Object.fromEntries(Object.entries(replies).map(([status, reply]) => [status, response(reply, schemas)])),
      ...Object.fromEntries(
        Object.entries(refusalsOf(route)).map(([status, says]) => [status, problem(says, Number(status), schemas)]),
      ),
      default: problem('It failed: the sentence says what to do.', 500, schemas),
    },
  }
}

function parametersOf({ path, params = {}, query = {}, headers = {}, keyed }: Route, schemas: Schemas): object[] {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const parameter =
    (at: string) =>
    ([name, { says, schema, required = false }]: [string, Param]) => ({
      ...{ name, in: at, description: says, ...(required ? { required } : {}), schema: schemas.of(schema) },
    })
  const key = { name: 'Idempotency-Key', in: 'header', description: KEYED, schema: { type: 'string', maxLength: 200 } }
  return [
    ...names.map((name) => ({
      ...{ name, in: 'path', required: true, schema: { type: 'string' } },
      ...(params[name] ? { description: params[name] } : {}),
    })),
    ...Object.entries(query).map(parameter('query')),
    ...Object.entries(headers).map(parameter('header')),
    ...(keyed ? [key] : []),
  ]
}

const KEYED = 'Visible ASCII, a UUID for example. The same key again counts once: send it when an answer was lost.'

function response({ says, content, or }: Reply, schemas: Schemas): object {
  const contents = [content, or].filter((one) => one !== undefined)
  return { description: says, ...(contents.length > 0 ? { content: contentOf(contents, schemas) } : {}) }
}

const contentOf = (contents: readonly Content[], schemas: Schemas): object =>
  Object.fromEntries(
    contents.map(({ mediaType, schema, example }) => {
      const isStream = mediaType === 'text/event-stream'
      // The schema of a stream is that of each of its events' data (OpenAPI 3.1 has no word for it).
      const described: JsonSchema = isStream ? { type: 'string' } : schema ? schemas.of(schema) : {}
      const data = isStream && schema ? { 'x-event-data': schemas.of(schema) } : {}
      return [mediaType, { schema: described, ...data, ...(example === undefined ? {} : { example }) }]
    }),
  )

function problem(says: string, status: number, schemas: Schemas): object {
  const example = problems[status] ?? { error: says, mend: 'Look at the story as it stands now, then decide again.' }
  return { description: says, content: { 'application/json': { schema: schemas.of(Problem), example } } }
}

/** What every route may refuse, and what this one may. */
export function refusalsOf({ path, asker, body, keyed, refuses = {} }: Route): Record<number, string> {
  const isApi = path.startsWith('/api/')
  return {
    ...(body || keyed ? { 400: 'The body or the key cannot be read.' } : {}),
    ...(asker === 'anyone' ? {} : { 401: 'This token does not open it.' }),
    403: 'Another host or another page asks.',
    ...(body ? { 413: 'The body is too long.' } : {}),
    ...(isApi ? { 503: 'The bus, or who would answer, is away: ask again.' } : {}),
    ...refuses,
  }
}

const problems: Record<number, object> = {
  401: { error: 'This needs the session token.', mend: 'Open the address that `sluice up` printed.' },
  403: { error: 'This address is not served here.', mend: 'Ask http://127.0.0.1:4747.' },
  404: { error: 'There is no such story.', mend: 'Name one of the board.' },
  413: { error: 'The body is too long.', mend: 'A story may have 64 kB of text.' },
  500: { error: 'web failed at this.', mend: 'Its log says why; send it again.' },
  503: { error: 'The bus does not answer for this seat.', mend: 'It is waited for: ask again in a few seconds.' },
}

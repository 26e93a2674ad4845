/** The bus as an AsyncAPI 3.0 document, printed from the events, the permissions and what else is said there. */
import pack from '../../package.json' with { type: 'json' }
import { eventHeaders, eventParts } from './bus/events.ts'
import { type Said, saidBesides } from './bus/said.ts'
import { kept, users } from './bus/users.ts'
import type { Document } from './openapi.ts'
import { openSchemas, type Schemas } from './schemas.ts'

export function asyncapi(): Document {
  const schemas = openSchemas('draft-7')
  const events = eventParts(schemas)
  const others = saidBesides.map((said) => partsOf(said, schemas))
  const merged = (part: 'channels' | 'operations' | 'messages') =>
    Object.assign({}, events[part], ...others.map((one) => one[part])) as Record<string, unknown>
  return {
    asyncapi: '3.0.0',
    info: {
      ...{ title: 'Sluice: the bus', version: pack.version, description: about },
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      tags: ['role', ...Object.keys(users())].map((name) => ({ name, description: tellOf(name) })),
    },
    defaultContentType: 'application/json',
    servers,
    channels: merged('channels'),
    operations: merged('operations'),
    components: {
      messages: merged('messages'),
      schemas: { ...schemas.components(), EventHeaders: eventHeaders },
      correlationIds: {
        cause: { description: 'The event that caused this one.', location: '$message.payload#/causationId' },
      },
      securitySchemes: {
        user: {
          type: 'userPassword',
          description: 'A user of its own for each role and seat; the seat’s stands in `seats/<seat>.json`.',
        },
      },
    },
    'x-users': users(),
    'x-kept': kept(),
  }
}

const about =
  'Every role is a service on a NATS broker (2.9 or newer, JetStream). What happens is an event on the stream STORY; who says it is the last token of its subject, and the broker lets each user publish under its own alone. A request is answered by completed, paused or failed: the first answer in the log closes it. `x-users` lists what each user may say and hear, `x-kept` what is stored. docs/reviewers.md tells what a reviewer of one’s own needs of it, in order.'

const security = [{ $ref: '#/components/securitySchemes/user' }]
const port = { description: 'A free port of this start; the seat file names it.', default: '4222' }
const servers = {
  nats: {
    ...{ host: '127.0.0.1:{port}', protocol: 'nats', variables: { port }, security },
    description:
      'For services and reviewers. Each listens for answers below its own inbox, `_INBOX_<user>`, and nowhere else.',
  },
  page: {
    ...{ host: '127.0.0.1:{port}', protocol: 'ws', variables: { port: { ...port, default: '4223' } }, security },
    description: 'For the page: one origin, a user that may only listen. `GET /api/session` names both.',
  },
}

const words: Record<string, string> = {
  role: 'Every role that takes requests of its own: analyst, designer, architect, implementer, releaser.',
  seat: 'Any reviewer, of Sluice’s own or from elsewhere: its seat’s name stands where `{seat}` does.',
  orchestrator: 'Decides what is owed, and alone asks.',
  web: 'Speaks for the person.',
  page: 'Only listens.',
  memory: 'Answers what shipped stories taught.',
  telemetry: 'Sends traces to a collector, where one is named.',
  'llm-gateway': 'Says what model calls cost.',
  supervisor: 'Starts, restarts and ends all others.',
}
const tellOf = (name: string): string => words[name] ?? `The ${name}.`

const ref = (to: string) => ({ $ref: `#/${to}` })

function partsOf(said: Said, schemas: Schemas) {
  const { id, address, about, params = {}, message, reply, kept } = said
  const answer = `${id}.reply`
  const messageOf = (name: string, { schema, example }: Said['message']) => ({
    ...{ name, title: name, payload: schemas.of(schema), examples: [{ name, payload: example }] },
  })
  const channel = {
    ...{ address, title: id, description: about, messages: { [id]: ref(`components/messages/${id}`) } },
    parameters: Object.fromEntries(Object.entries(params).map(([name, description]) => [name, { description }])),
    ...(kept ? { 'x-kept': kept } : {}),
  }
  const inbox = { address: null, title: answer, messages: { [answer]: ref(`components/messages/${answer}`) } }
  const operation = (action: 'send' | 'receive', user: string) => ({
    ...{ action, channel: ref(`channels/${id}`), summary: about, tags: [{ name: user }] },
    messages: [ref(`channels/${id}/messages/${id}`)],
    ...(reply
      ? {
          reply: {
            address: { location: '$message.header#/reply', description: 'The reply subject of the request.' },
            ...{ channel: ref(`channels/${answer}`), messages: [ref(`channels/${answer}/messages/${answer}`)] },
          },
        }
      : {}),
  })
  return {
    channels: { [id]: channel, ...(reply ? { [answer]: inbox } : {}) },
    messages: { [id]: messageOf(id, message), ...(reply ? { [answer]: messageOf(answer, reply) } : {}) },
    operations: Object.fromEntries([
      ...said.from.map((user) => [`${user}.${reply ? 'asks' : 'says'}.${id}`, operation('send', user)]),
      ...said.to.map((user) => [`${user}.${reply ? 'answers' : 'hears'}.${id}`, operation('receive', user)]),
    ]),
  }
}

/** The events of STORY as the contract of the bus says them: a subject each, who says it, who takes it, one example as it was recorded. */

import { traceparentOf } from '@sluice/kit/trace.ts'
import { corpusExample } from '@sluice/proto/corpus.ts'
import { type Envelope, Envelope as EnvelopeSchema, type EventType, subjectOf } from '@sluice/proto/event.ts'
import { eventTypes } from '@sluice/proto/events.ts'
import { z } from 'zod'
import type { Schemas } from '../schemas.ts'
import { durables, readersOf } from './users.ts'

type Parts = {
  channels: Record<string, unknown>
  operations: Record<string, unknown>
  messages: Record<string, unknown>
}

export function eventParts(schemas: Schemas): Parts {
  const all: Parts = { channels: {}, operations: {}, messages: {} }
  for (const type of eventTypes) {
    all.channels[type.type] = channelOf(type)
    all.messages[type.type] = messageOf(type, schemas)
    for (const user of type.from) all.operations[`${user}.says.${type.type}`] = operationOf(type, 'send', user)
  }
  for (const { user, takes, consumer } of durables()) {
    const type = eventTypes.find((one) => one.type === takes)
    if (type)
      all.operations[`${user}.takes.${takes}`] = { ...operationOf(type, 'receive', user), 'x-consumer': consumer }
  }
  return all
}

const ref = (to: string) => ({ $ref: `#/${to}` })

function channelOf({ type, aggregate, from, about }: EventType): object {
  const whose = aggregate === 'story' ? 'storyId' : 'projectId'
  const isSeat = from.includes('seat')
  return {
    address: `${aggregate}.{${whose}}.${type}.{source}`,
    title: type,
    description: about,
    parameters: {
      [whose]: { description: `The ${aggregate}.` },
      source: isSeat
        ? {
            description: `Who says it: the name of a seat${from.length > 1 ? `, or ${from.filter((one) => one !== 'seat').join(', ')}` : ''}.`,
          }
        : { description: 'Who says it. The broker vouches for it: nobody else may publish here.', enum: [...from] },
    },
    messages: { [type]: ref(`components/messages/${type}`) },
    'x-kept': 'STORY',
    'x-heard-by': readersOf('STORY'),
  }
}

function messageOf({ type, about, data }: EventType, schemas: Schemas): object {
  const example = corpusExample(type)
  return {
    ...{ name: type, title: type, summary: about, contentType: 'application/json' },
    correlationId: ref('components/correlationIds/cause'),
    headers: ref('components/schemas/EventHeaders'),
    payload: schemas.of(EnvelopeSchema.extend({ type: z.literal(type), data })),
    examples: [{ name: subjectOf(example), headers: headersOf(example), payload: example }],
  }
}

const headersOf = (event: Envelope) => ({ 'Nats-Msg-Id': event.id, traceparent: traceparentOf(event) })

const operationOf = ({ type, about }: EventType, action: 'send' | 'receive', user: string): object => ({
  ...{ action, channel: ref(`channels/${type}`), summary: about },
  messages: [ref(`channels/${type}/messages/${type}`)],
  tags: [{ name: user }],
})

export const eventHeaders = {
  type: 'object',
  required: ['Nats-Msg-Id'],
  properties: {
    'Nats-Msg-Id': {
      type: 'string',
      description: 'The id of the event: said again within the broker’s window, it is stored once.',
    },
    traceparent: {
      type: 'string',
      pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
      description: 'W3C Trace Context: a story is one trace, an event one span. A reviewer may leave it out.',
    },
    'Nats-Expected-Last-Subject-Sequence': {
      type: 'string',
      description: 'Of the orchestrator’s requests: a second, stale one is refused.',
    },
  },
}

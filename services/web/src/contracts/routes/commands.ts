/** REST of the person: what they may say of a story, each command one event. */
import { Commanded } from '@sluice/proto/rest.ts'
import { storyCommands } from '../../commands.ts'
import { json, type Route } from '../route.ts'
import * as sample from '../samples.ts'

const gate = { gate: 'scope', digest: sample.digest }
const ended = 'The story has ended'
const told: Record<keyof typeof storyCommands, { body: Record<string, unknown>; refuses: string }> = {
  approve: {
    body: { ...gate, comment: 'As agreed.' },
    refuses: `${ended}, what waits at the gate is not what this decides about (\`current\` says what is), or findings stand in the way.`,
  },
  reject: {
    body: { ...gate, comment: 'Say for how long drafts are kept.' },
    refuses: `${ended}, or what waits at the gate is not what this decides about (\`current\` says what is).`,
  },
  answer: {
    body: { request: sample.eventId, answers: [{ id: 'Q1', text: 'For how long?', answer: '30 days' }] },
    refuses: `${ended}, or nothing of this request waits for answers.`,
  },
  budget: {
    body: { budgetUsd: 12.5, limits: { softUsd: 10 } },
    refuses: `${ended}, as much is spent already, or nothing waits to go on.`,
  },
  dismiss: {
    body: { findingId: 'f-3f6c0f1f2a9f0b17', reason: 'The value never leaves this process.' },
    refuses: `${ended}, or the finding is dismissed already.`,
  },
  retry: {
    body: { comment: 'The key is renewed.' },
    refuses: `${ended}, or nothing of it failed or waits for something mended.`,
  },
  cancel: { body: { reason: 'Not wanted any more.' }, refuses: `${ended} already.` },
}

export const commandRoutes: Route[] = Object.entries(storyCommands).map(([verb, { type, schema }]) => {
  const { body, refuses } = told[verb as keyof typeof storyCommands]
  return {
    ...{ method: 'post', path: `/api/stories/:id/${verb}`, servedBy: '/api/stories/:id/:verb', id: `${verb}Story` },
    ...{
      tag: 'Stories',
      asker: 'person',
      keyed: true,
      params: { id: 'The id of the story.' },
      summary: type.about,
      about: `Becomes \`${type.type}\`.`,
    },
    body: json(schema, body),
    replies: { 200: { says: 'The event it became.', content: json(Commanded, { event: sample.eventId }) } },
    refuses: { 404: 'There is no such story.', 409: refuses },
  } satisfies Route
})

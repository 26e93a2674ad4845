/** REST of the person: what they may say of a story, each command one event. */
import { Commanded, HandBack, Interrupt, Interrupted, Opened } from '@sluice/proto/rest.ts'
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
  permit: {
    body: { request: sample.eventId, permission: 'p-3f6c0f1f', allow: true, forStory: true },
    refuses: `${ended}, or nothing of it asks for that.`,
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
  steer: {
    body: { text: 'Use the date picker we have.', role: 'implementer' },
    refuses: `${ended}, or several are at work and none is named.`,
  },
  attach: {
    body: { attachments: [{ sha256: sample.digest, name: 'board.png' }], words: 'This is how it looks today.' },
    refuses: `${ended}.`,
  },
  pause: { body: { reason: 'I want to think.' }, refuses: `${ended}, or it is held already.` },
  stop: { body: { reason: 'It goes the wrong way.' }, refuses: `${ended}, it is held already, or nobody works on it.` },
  resume: { body: {}, refuses: `${ended}, it is not paused, or you have its worktree.` },
  take: { body: {}, refuses: `${ended}, there is no worktree yet, or it is about to land.` },
}

const tooMuch = { 413: 'It is more than a story can carry.' }
const more: Record<string, Record<number, string>> = { steer: tooMuch, attach: tooMuch }

const about = { tag: 'Stories', asker: 'person', params: { id: 'The id of the story.' } } as const
const none = { 404: 'There is no such story.' }

/** What becomes no event of its own, or needs more than the story to be decided. */
const handRoutes: Route[] = [
  {
    ...{ ...about, method: 'post', path: '/api/stories/:id/interrupt', id: 'interruptStory' },
    summary: 'End what an agent does this moment',
    about:
      'The model call or the tool in flight ends; the conversation stays. It waits a minute for words, then goes on.',
    body: json(Interrupt, { role: 'implementer' }),
    replies: {
      200: { says: 'Whom it reached.', content: json(Interrupted, { role: 'implementer', request: sample.eventId }) },
    },
    refuses: {
      ...none,
      409: 'Nobody is at work, or several are and none is named.',
      503: 'Who is at work does not answer.',
    },
  },
  {
    ...{ ...about, method: 'post', path: '/api/stories/:id/hand-back', id: 'handBackStory', keyed: true },
    summary: 'Give the worktree back',
    about: 'Becomes `worktree.returned`: git says what the person changed, and a commit keeps it.',
    body: json(HandBack, { words: 'The rest is yours.', done: false }),
    replies: { 200: { says: 'The event it became.', content: json(Commanded, { event: sample.eventId }) } },
    refuses: { ...none, 409: 'The person does not have it, or it holds what cannot be kept.' },
  },
  {
    ...{ ...about, method: 'post', path: '/api/stories/:id/open', id: 'openWorktree' },
    summary: 'Start the person’s editor on the worktree they have',
    about: 'On the machine of Sluice, by the command under `editor` in config.yaml and no other.',
    replies: { 200: { says: 'It was started.', content: json(Opened, { path: '/home/me/worktrees/keep-drafts' }) } },
    refuses: { ...none, 409: 'The person does not have it, or no editor is configured.' },
  },
]

export const commandRoutes: Route[] = [
  ...handRoutes,
  ...Object.entries(storyCommands).map(([verb, { type, schema }]) => {
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
      refuses: { 404: 'There is no such story.', 409: refuses, ...more[verb] },
    } satisfies Route
  }),
]

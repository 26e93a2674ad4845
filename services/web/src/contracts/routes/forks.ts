/** REST of the person about checkpoints and forks: look at what every turn left, go back, begin beside, compare, keep one. */
import { CheckpointView, Commanded, Comparison, Fork, Keep, Kept, Rewind, Submitted } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { bytes, json, type Route } from '../route.ts'
import * as sample from '../samples.ts'

const tag = 'Stories'
const asker = 'person'
const params = { id: 'The id of the story, as the board has it.' }
const unknown = 'There is no such story.'

export const forkContract: Route[] = [
  {
    ...{ method: 'get', path: '/api/stories/:id/checkpoints', id: 'storyCheckpoints', tag, asker, params },
    summary: 'What the worktree held after each turn that changed files, oldest first',
    replies: {
      200: {
        says: 'Each with the files that changed since the one before.',
        content: json(z.array(CheckpointView), [sample.checkpoint]),
      },
    },
    refuses: { 404: unknown },
  },
  {
    ...{ method: 'get', path: '/api/stories/:id/checkpoints/:n/patch', id: 'checkpointPatch', tag, asker },
    params: { ...params, n: 'The number of the checkpoint.' },
    summary: 'The patch of one checkpoint',
    query: {
      since: {
        says: '`true`: from it to the last one instead, which is what going back to it takes away.',
        schema: z.literal('true'),
      },
    },
    replies: { 200: { says: 'A unified diff; empty when nothing differs.', content: bytes('text/x-diff') } },
    refuses: { 404: 'There is no such story, or it has no such checkpoint.' },
  },
  {
    ...{ method: 'post', path: '/api/stories/:id/rewind', id: 'rewindStory', tag, asker, keyed: true, params },
    summary: 'Put the files back to a checkpoint',
    about:
      'Becomes `story.rewound`. Who works on them is stopped, what was judged is void, and the implementer goes on from there. What the files hold now is a checkpoint first.',
    body: json(Rewind, { n: 3, files: ['src/drafts.ts'], talk: 'kept' }),
    replies: { 200: { says: 'The event it became.', content: json(Commanded, { event: sample.eventId }) } },
    refuses: {
      404: 'There is no such story, checkpoint or file.',
      409: 'The story has ended, is being merged, has built nothing yet, stands on a newer base since, or you have its worktree yourself.',
    },
  },
  {
    ...{ method: 'post', path: '/api/stories/:id/fork', id: 'forkStory', tag, asker, keyed: true, params },
    summary: 'Begin another story with what this one’s gates let pass',
    about:
      'Becomes `story.submitted` of a new story that names its parent. `architecture` builds anew from the same base; `review` begins with the commit that was handed in.',
    body: json(Fork, { at: 'architecture', choices: { implementer: { engine: 'claude-code' } } }),
    replies: {
      201: { says: 'It is recorded.', content: json(Submitted, { id: 'keep-drafts-fork-1f0a9c3e52' }) },
    },
    refuses: { 404: unknown, 409: 'The gate is not passed, or nothing was handed in yet.' },
  },
  {
    ...{ method: 'get', path: '/api/stories/:id/compare/:other', id: 'compareStories', tag, asker },
    params: { ...params, other: 'The id of the other story.' },
    summary: 'Two stories side by side, and what differs from the first to the second',
    replies: {
      200: { says: 'What both became and what it took.', content: json(Comparison, sample.comparison) },
    },
    refuses: { 404: unknown },
  },
  {
    ...{ method: 'post', path: '/api/stories/:id/keep', id: 'keepStory', tag, asker, keyed: true, params },
    summary: 'Keep one of several forks and cancel the others',
    about:
      'Each sibling that still runs becomes `story.cancelled`, with that as its reason; branches and worktrees stay.',
    body: json(Keep, { reason: 'It is simpler.' }),
    replies: {
      200: {
        says: 'Which was kept, and what was cancelled for it.',
        content: json(Kept, { kept: 'keep-drafts-1f0a9c3e52', cancelled: ['keep-drafts-fork-2a90b1c4d7'] }),
      },
    },
    refuses: { 404: unknown, 409: 'It has no forks and is none, or it is cancelled.' },
  },
]

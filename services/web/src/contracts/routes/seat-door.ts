/** REST of a seat: how a reviewer in any language takes requests and sends verdicts. */
import { ChangedFile, Judgement, SentVerdict, Taken } from '@sluice/proto/seat.ts'
import { z } from 'zod'
import { bytes, json, type Route, text } from '../route.ts'
import * as sample from '../samples.ts'

const tag = 'Seat door'
const asker = 'seat'
const seat = { seat: 'The name of the seat.' }
const params = { ...seat, take: 'The `take` that was answered with the request.' }
const over = 'The take is over: drop the work and take the next request.'
const at = '/api/seats/:seat/takes/:take'

export const seatDoorContract: Route[] = [
  {
    ...{ method: 'post', path: '/api/seats/:seat/take', id: 'takeRequest', tag, asker, params: seat },
    summary: 'Take the next request of a seat',
    about: 'With an `Idempotency-Key` the same key gives the same take as long as it is open.',
    keyed: true,
    query: { wait: { says: 'Seconds to wait for one.', schema: z.number().min(0).max(60).default(0) } },
    replies: {
      200: { says: 'It is yours while you say that you live.', content: json(Taken, sample.taken) },
      204: { says: 'Nothing came in that time: ask again.' },
    },
    refuses: { 400: 'That is no time to wait.' },
  },
  {
    ...{
      method: 'post',
      path: `${at}/alive`,
      id: 'keepTake',
      tag,
      asker,
      params,
      summary: 'Say that you are still at work',
    },
    replies: { 204: { says: 'It stays yours.' } },
    refuses: { 409: over },
  },
  {
    ...{ method: 'post', path: `${at}/verdict`, id: 'sendVerdict', tag, asker, params, summary: 'Send the verdict' },
    about: 'Seat, commit, ids and attempt are filled in from the take. The same verdict sent again is the same event.',
    body: json(SentVerdict, sample.sentVerdict),
    replies: { 200: { says: 'The event it became.', content: json(Judgement, { event: sample.eventId }) } },
    refuses: {
      400: 'All that does not hold: mend it and send it again.',
      409: 'It comes too late.',
      413: 'It is over 400 kB.',
    },
  },
  {
    ...{ method: 'post', path: `${at}/release`, id: 'releaseTake', tag, asker, params, summary: 'Give a request back' },
    replies: { 204: { says: 'The next who asks has it at once.' } },
    refuses: { 409: over },
  },
  {
    ...{
      method: 'get',
      path: `${at}/diff`,
      id: 'takeDiff',
      tag,
      asker,
      params,
      summary: 'The whole change as a patch',
    },
    replies: { 200: { says: 'Without what Sluice itself writes for the story.', content: bytes('text/x-diff') } },
    refuses: { 409: over },
  },
  {
    ...{ method: 'get', path: `${at}/files`, id: 'takeFiles', tag, asker, params },
    summary: 'The changed files, or one file of either side',
    query: {
      path: text('The bytes of this file; without it the changed files are listed.'),
      side: { says: 'After (`head`) or before (`base`) the change.', schema: z.enum(['head', 'base']).default('head') },
    },
    replies: {
      200: {
        says: 'The list, or with `path` the bytes of the file.',
        content: json(z.array(ChangedFile), [sample.changedFile]),
        or: bytes('application/octet-stream'),
      },
    },
    refuses: { 400: 'There is no such side.', 404: 'There is no such file.', 409: over },
  },
]

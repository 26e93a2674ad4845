/** REST of the person about seats: who sits there, and changing it while reviews are in flight. */
import { AddSeat, SeatView, SwapSeat } from '@sluice/proto/rest.ts'
import type { Sitting } from '@sluice/proto/seat.ts'
import { z } from 'zod'
import { json, type Route } from '../route.ts'
import * as sample from '../samples.ts'

const tag = 'Reviewers'
const asker = 'person'
const params = { seat: 'The name of the seat.' }
const sitting: Sitting = { kind: 'command', command: ['python3', 'review.py'], directory: '/home/me/reviewer' }
const seat = (says: string) => ({ says, content: json(SeatView, sample.seat) })

export const reviewerRoutes: Route[] = [
  {
    ...{
      method: 'get',
      path: '/api/reviewers',
      id: 'listReviewers',
      tag,
      asker,
      summary: 'Every seat and who sits there',
    },
    replies: { 200: { says: 'The seats.', content: json(z.array(SeatView), [sample.seat]) } },
  },
  {
    ...{ method: 'post', path: '/api/reviewers', id: 'addReviewer', tag, asker, keyed: true },
    summary: 'A new seat, needed by every story from here on',
    body: json(AddSeat, { seat: 'acme', sitting }),
    replies: { 201: seat('Somebody sits there.') },
    refuses: { 409: 'There is such a seat already, or nobody can sit there that way.' },
  },
  {
    ...{ method: 'delete', path: '/api/reviewers/:seat', id: 'removeReviewer', tag, asker, params, keyed: true },
    summary: 'Close a seat: new stories do not ask it any more',
    replies: { 204: { says: 'It is closed.' } },
    refuses: { 409: 'There is no such seat, a running story needs its verdict, or it is the seat of the checks.' },
  },
  {
    ...{ method: 'post', path: '/api/reviewers/:seat/swap', id: 'swapReviewer', tag, asker, params, keyed: true },
    summary: 'Another occupant, while reviews are in flight',
    about: 'What the one before had in hand waits for the new one; its password and token are nobody’s any more.',
    body: json(SwapSeat, { sitting }),
    replies: { 200: seat('The new one sits there.') },
    refuses: { 409: 'There is no such seat, nobody can sit there that way, or it is the seat of the checks.' },
  },
]

/** REST of the person about the house: who is here, what runs, what it cost, what is remembered, what is stuck. */
import {
  ClearDisk,
  ClearedDisk,
  Disk,
  Engines,
  Forecast,
  LedgerEntry,
  LimiterView,
  Models,
  Money,
  ParkedView,
  Scale,
  ServiceView,
  Session,
} from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { json, type Route, text } from '../route.ts'
import * as sample from '../samples.ts'

const tag = 'House'
const asker = 'person'

export const houseRoutes: Route[] = [
  {
    ...{ method: 'get', path: '/api/session', id: 'session', tag, asker, summary: 'Who and what is here' },
    about: 'Also how the page reaches the bus. Answered while the bus is away, too.',
    replies: { 200: { says: 'This house.', content: json(Session, sample.session) } },
  },
  {
    ...{
      method: 'get',
      path: '/api/services',
      id: 'listServices',
      tag,
      asker,
      summary: 'Every process and how it does',
    },
    replies: {
      200: { says: 'As its supervisor and itself see it.', content: json(z.array(ServiceView), [sample.service]) },
    },
  },
  {
    ...{ method: 'post', path: '/api/services/:name/scale', id: 'scaleService', tag, asker },
    summary: 'How many replicas of a role are wanted',
    about: 'Up or down while it works: who leaves gives back what it has in hand.',
    keyed: true,
    params: { name: 'The role.' },
    body: json(Scale, { replicas: 4 }),
    replies: { 200: { says: 'Every process there is now.', content: json(z.array(ServiceView), [sample.service]) } },
    refuses: { 409: 'It is no role, or there cannot be so many.' },
  },
  {
    ...{ method: 'get', path: '/api/ledger', id: 'ledger', tag, asker, summary: 'Everything that left the machine' },
    query: { storyId: text('Of this story alone.') },
    replies: { 200: { says: 'Oldest first.', content: json(z.array(LedgerEntry), [sample.ledgerEntry]) } },
  },
  {
    ...{ method: 'get', path: '/api/money', id: 'money', tag, asker, summary: 'What model calls cost' },
    about: 'Every model call of the ledger, added up by story, role, model and day of this machine.',
    replies: { 200: { says: 'What costs most comes first.', content: json(Money, sample.money) } },
  },
  {
    ...{ method: 'get', path: '/api/forecast', id: 'forecast', tag, asker, summary: 'What a story is likely to cost' },
    about: 'By stage, from what shipped stories of this project have cost; nothing where they are too few.',
    replies: {
      200: { says: 'The median, and what nine of ten did not exceed.', content: json(Forecast, sample.forecast) },
    },
  },
  {
    ...{
      method: 'get',
      path: '/api/limits',
      id: 'limits',
      tag,
      asker,
      summary: 'Which model calls are held, until when',
    },
    about: 'One limiter for all replicas; with a login also how full the windows of its plan are.',
    replies: { 200: { says: 'As the gateway has it now.', content: json(LimiterView, sample.limits) } },
  },
  {
    ...{ method: 'get', path: '/api/engines', id: 'listEngines', tag, asker, summary: 'Which engines work here' },
    about: 'Each is looked at on this machine, at most once a minute; and what each role is set to work with.',
    replies: { 200: { says: 'The engines and the roles.', content: json(Engines, sample.engines) } },
  },
  {
    ...{ method: 'get', path: '/api/models', id: 'listModels', tag, asker, summary: 'The models a story may choose' },
    about: 'Those whose price is known, with what each can do as far as the API says.',
    replies: { 200: { says: 'The models.', content: json(Models, sample.models) } },
  },
  {
    ...{
      method: 'get',
      path: '/api/disk',
      id: 'disk',
      tag,
      asker,
      summary: 'What lies on the disk, and what could go',
    },
    about: 'Worktrees, archives, journals, recordings, artifacts, shared dependencies, and why each stays or goes.',
    query: {
      now: text('`true`: as if everybody’s days were over.'),
      archives: text('Archives older than so many days could go, too.'),
    },
    replies: { 200: { says: 'What could go comes first.', content: json(Disk, sample.disk) } },
    refuses: { 400: 'The number of days is none.' },
  },
  {
    ...{ method: 'post', path: '/api/disk/clear', id: 'clearDisk', tag, asker, summary: 'Take away what could go' },
    about: 'Looked at anew before each removal; what cannot go after all is named with its reason.',
    body: json(ClearDisk, { kinds: ['worktree'], now: false }),
    replies: { 200: { says: 'What is gone.', content: json(ClearedDisk, sample.clearedDisk) } },
  },
  {
    ...{ method: 'get', path: '/api/parked', id: 'listParked', tag, asker, summary: 'What no role could work on' },
    replies: {
      200: {
        says: 'Messages nobody could read and requests given up.',
        content: json(z.array(ParkedView), [sample.parked]),
      },
    },
  },
  {
    ...{ method: 'post', path: '/api/parked/:sequence/resend', id: 'resendParked', tag, asker, keyed: true },
    summary: 'Ask again what was given up',
    params: { sequence: 'Its `sequence`.' },
    replies: { 204: { says: 'It is sent again.' } },
    refuses: {
      404: 'Nothing with this sequence is parked.',
      409: 'Somebody else said it, and nobody may speak for them.',
    },
  },
]

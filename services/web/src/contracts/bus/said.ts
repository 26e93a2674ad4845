/** What is said on the bus besides events: journals, leases, cards, words to a running agent, questions with an answer. */

import { StoredEntry } from '@sluice/kit/journal.ts'
import { LeaseValue } from '@sluice/kit/lease.ts'
import {
  MEMORY_SEARCH,
  MEMORY_SHOW,
  MEMORY_STATE,
  MemoryAbout,
  MemoryQuery,
  MemoryReply,
  MemoryShow,
  MemoryShown,
  MemoryStateReply,
} from '@sluice/kit/memory.ts'
import { Spent } from '@sluice/kit/spend.ts'
import { Vitals } from '@sluice/kit/vitals.ts'
import { FoldedTo } from '@sluice/proto/cards.ts'
import { Card } from '@sluice/proto/rest.ts'
import { TermFrame } from '@sluice/proto/term.ts'
import { z } from 'zod'
import { AskedScale, AskedSeats, No, Scaled, SeatGiven, SeatList, SeatRemoved, Supervised } from '../../supervisor.ts'
import * as sample from '../samples.ts'

export type Message = { schema: z.ZodType; example: unknown }

/** One subject, what is said there, by whom and to whom. */
export type Said = {
  id: string
  address: string
  about: string
  params?: Record<string, string>
  message: Message
  from: readonly string[]
  to: readonly string[]
  /** Where it is kept: a stream, or a bucket of keys and values. */
  kept?: string
  reply?: Message
}

const message = <S extends z.ZodType>(schema: S, example: z.input<S>): Message => ({ schema, example })

const run = { storyId: 'The story.', runId: 'The run: the id of the request it works on.' }
const source = { source: 'The role or seat: the bus user that may say it.' }
const at = '2026-11-26T14:40:00.000Z'
const everyRole = ['role', 'seat']

const runs: Said[] = [
  {
    ...{ id: 'run.entry', address: 'run.{source}.{storyId}.{runId}.{n}', kept: 'RUN', from: everyRole },
    about:
      'The journal of a run, from which a killed attempt goes on: entries counted from 1, each written once at its own subject (`Nats-Expected-Last-Subject-Sequence: 0`). Not a contract for others: what `data` holds is between a role and itself.',
    params: { ...source, ...run, n: 'The number of the entry.' },
    message: message(StoredEntry, { kind: 'note', attempt: 12, at, data: { type: 'text', text: 'Reads the tests.' } }),
    to: ['role', 'seat', 'web', 'telemetry'],
  },
  {
    ...{ id: 'run.spent', address: 'run.llm-gateway.{storyId}.{runId}.usage', kept: 'RUN', from: ['llm-gateway'] },
    about: 'What one model call cost. `Nats-Msg-Id` is the call; said twice it counts once.',
    params: run,
    message: message(Spent, {
      ...{ id: 'msg_01', storyId: 'keep-drafts-1f0a9c3e52', runId: sample.eventId, role: 'analyst' },
      ...{ model: 'claude-sonnet', usage: sample.usage },
    }),
    to: ['llm-gateway', 'web', 'telemetry'],
  },
  {
    ...{ id: 'term.frame', address: 'term.{source}.{storyId}.{runId}', from: everyRole, to: ['web', 'page'] },
    about: 'What a running agent’s terminal shows: at most every 50 ms, stored nowhere. The recording is an artifact.',
    params: { ...source, ...run },
    message: message(TermFrame, sample.termEvent.frame),
  },
  {
    ...{ id: 'ctl.cancel', address: 'ctl.{source}.{storyId}.{runId}', from: ['orchestrator', 'web'], to: everyRole },
    about: 'A running attempt is told to stop. Not stored: whoever did not hear it finds its lease gone.',
    params: { ...source, ...run },
    message: message(z.object({ do: z.literal('cancel') }), { do: 'cancel' }),
  },
  {
    ...{ id: 'ctl.screen', address: 'ctl.{source}.{storyId}.{runId}', from: ['web'], to: everyRole },
    about: 'A run is asked for its screen as it is.',
    params: { ...source, ...run },
    message: message(z.object({ do: z.literal('screen') }), { do: 'screen' }),
    reply: message(TermFrame, { ...sample.termEvent.frame, screen: true }),
  },
]

const keys: Said[] = [
  {
    ...{ id: 'kv.lease', address: '$KV.leases.{role}.{request}', kept: 'KV_leases', to: ['role', 'seat'] },
    about:
      'Who may write for a request: taken by compare-and-swap, and the revision of the take is the attempt. The orchestrator revokes it; web does for runs that are packed, before they leave RUN. A reviewer on the bus needs none.',
    params: { role: 'The role or seat.', request: 'The id of the request.' },
    message: message(LeaseValue, { holder: 'implementer.2' }),
    from: ['role', 'seat', 'orchestrator', 'web'],
  },
  {
    ...{ id: 'kv.card', address: '$KV.cards.{storyId}', kept: 'KV_cards', from: ['orchestrator'] },
    about:
      'What a board shows of a story, written when it changed, at most every 50 ms; null where STORY knows no such story.',
    params: { storyId: 'The story.' },
    message: message(Card.nullable(), sample.board.cards[0] ?? null),
    to: ['page', 'orchestrator'],
  },
  {
    ...{ id: 'kv.folded', address: '$KV.cards.=folded', kept: 'KV_cards', from: ['orchestrator'] },
    about: 'How far into STORY the cards go: every event up to here stands in one.',
    message: message(FoldedTo, { sequence: 412 }),
    to: ['page', 'orchestrator'],
  },
]

const or = <S extends z.ZodType>(reply: S) => z.union([reply, No])

const questions: Said[] = [
  {
    ...{ id: 'memory.search', address: MEMORY_SEARCH, from: ['role', 'web'], to: ['memory'] },
    about:
      'What shipped stories taught about this; roles with a model may ask. Whoever gets no answer goes on without it.',
    message: message(MemoryQuery, { projectId: 'my-app-1a2b3c4d', query: 'keep drafts', limit: 5 }),
    reply: message(MemoryReply, { hits: [sample.memoryHit], files: [{ path: 'src/drafts.ts', score: 1.3 }] }),
  },
  {
    ...{ id: 'memory.show', address: MEMORY_SHOW, from: ['web'], to: ['memory'] },
    about: 'All of one entry. `heard`: an event about it that must be in the answer.',
    message: message(MemoryShow, { projectId: 'my-app-1a2b3c4d', entry: sample.memoryEntry.entry }),
    reply: message(MemoryShown, { entry: sample.memoryEntry }),
  },
  {
    ...{ id: 'memory.state', address: MEMORY_STATE, from: ['web'], to: ['memory'] },
    about: 'How much is remembered, and how far the history of the base branch is read.',
    message: message(MemoryAbout, { projectId: 'my-app-1a2b3c4d' }),
    reply: message(MemoryStateReply, { state: sample.memoryState }),
  },
  {
    ...{ id: 'command.services', address: 'command.services', from: ['web'], to: ['supervisor'] },
    about: 'What runs.',
    message: message(z.null(), null),
    reply: message(or(Supervised), { services: [sample.service] }),
  },
  {
    ...{ id: 'command.scale', address: 'command.scale', from: ['web'], to: ['supervisor'] },
    about: 'More or fewer replicas of a role. `builds`: how many stories may be built at once from now on.',
    message: message(AskedScale, { name: 'implementer', replicas: 4 }),
    reply: message(or(Scaled), { builds: 4, services: [sample.service] }),
  },
  {
    ...{ id: 'command.seats', address: 'command.seats', from: ['web'], to: ['supervisor'] },
    about: 'Who sits where: listed, added, swapped, removed.',
    message: message(AskedSeats, { do: 'swap', seat: 'acme', sitting: { kind: 'external' } }),
    reply: message(z.union([SeatList, SeatGiven, SeatRemoved, No]), {
      error: 'There is no seat acme.',
      mend: 'There are checks, security, refactor, generic; `sluice reviewer add` makes another.',
    }),
  },
  {
    ...{ id: 'srv.stats', address: '$SRV.STATS.{name}', from: ['web', 'supervisor'], to: ['role', 'seat'] },
    about:
      'Who of this name is alive and how they do: the NATS services API (ADR-32); PING and INFO are answered too. A reviewer from elsewhere may answer and need not.',
    params: { name: 'The service, role or seat.' },
    message: message(z.literal(''), ''),
    reply: message(
      z.object({
        ...{
          type: z.literal('io.nats.micro.v1.stats_response'),
          name: z.string(),
          id: z.string(),
          version: z.string(),
        },
        metadata: z.object({ replica: z.string(), pid: z.string() }),
        ...{
          started: z.string(),
          endpoints: z.array(z.object({ name: z.string(), subject: z.string(), data: Vitals })),
        },
      }),
      {
        ...{ type: 'io.nats.micro.v1.stats_response', name: 'analyst', id: '4f1c', version: '0.1.0' },
        ...{ metadata: { replica: '1', pid: '4711' }, started: at },
        endpoints: [{ name: 'vitals', subject: '$SRV.STATS.analyst', data: { busy: 1, handled: 12, lastError: null } }],
      },
    ),
  },
]

export const saidBesides: readonly Said[] = [...runs, ...keys, ...questions]

/** Requests of a story as spans: one for each role or seat that was asked, from the question to what closed it. Pure. */

import type { Event } from '@sluice/proto/events.ts'
import type { Occupant, Usage } from '@sluice/proto/parts.ts'
import { specOf } from '@sluice/proto/pipeline.ts'
import type { Span } from '@sluice/proto/rest.ts'
import type { SessionEntry } from '../run.ts'
import { usageOfRun } from '../run-usage.ts'
import type { StoryRun } from '../runs.ts'
import { spanIdOf } from '../trace.ts'
import { runSpans } from './run-spans.ts'
import { type Attributes, free, millis, type Placed, tokensOf, usageAttributes, whoIs } from './span.ts'

export type Request = Extract<Event, { type: `${string}.requested` }>
type Answer = Extract<Event, { type: `${string}.${'completed' | 'paused' | 'failed'}`; data: { usage: Usage } }>
type Closing = Answer | Extract<Event, { type: 'timer.due' | 'answer.refused' }>

/** One who was asked. The first answer closes; a later one changes nothing. */
export type Asked = { request: Request; who: string; stage: string; closing: Closing | null }

export function askedIn(events: readonly Event[]): Asked[] {
  const requests = events.filter((event): event is Request => event.type.endsWith('.requested'))
  return requests.flatMap((request) => {
    const names = request.type === 'review.requested' ? request.data.seats : [specOf(nounOf(request)).role]
    return names.map((who) => ({ request, who, stage: stageOf(request), closing: closingOf(events, request, who) }))
  })
}

const nounOf = (request: Request) => request.type.split('.')[0] as Parameters<typeof specOf>[0]

function stageOf(request: Request): string {
  const { stage } = specOf(nounOf(request))
  if (request.type === 'review.requested' && request.data.landing) return 'release'
  return 'round' in request.data && request.data.round > 1 ? `${stage}, round ${request.data.round}` : stage
}

function closingOf(events: readonly Event[], request: Request, who: string): Closing | null {
  const closes = (event: Event): event is Closing => {
    if (event.type === 'timer.due') return event.data.request === request.id
    if (event.type === 'answer.refused') return event.data.request === request.id && event.data.role === who
    return event.source === who && 'usage' in event.data && 'request' in event.data && event.data.request === request.id
  }
  return events.find(closes) ?? null
}

export function requestSpans(asked: Asked, runs: readonly StoryRun[], storyEnded: number | null): Placed {
  const { request, who, stage, closing } = asked
  const run = runs.find(({ source, runId }) => source === who && runId === request.id)
  const end = closing ? millis(closing.time) : storyEnded
  const usage = closing && 'usage' in closing.data ? closing.data.usage : spentIn(run)
  const id = requestSpanId(request.id, who)
  const span: Span = {
    ...{ id, parent: null, name: nameOf(request, who), service: who, kind: 'request' },
    ...{ start: millis(request.time), end, costUsd: usage.costUsd, tokens: tokensOf(usage) },
    ...{ outcome: outcomeOf(asked, run, storyEnded), event: request.id },
    ...(isFailed(closing) ? { failed: true } : {}),
    links: [spanIdOf(request.id)],
    attributes: {
      'sluice.request.id': request.id,
      'sluice.stage': stage,
      'sluice.role': who,
      'sluice.outcome': codeOf(closing, storyEnded),
      ...('round' in request.data ? { 'sluice.round': request.data.round } : {}),
      ...occupantAttributes(occupantOf(asked, run)),
      ...usageAttributes(usage),
    },
  }
  const below = run
    ? runSpans(run, { parent: id, request, asked: span.start, end })
    : [waiting({ parent: id, who, start: span.start, end })]
  return { stage, span, below }
}

/** One request may ask several: each has a span of its own. */
export const requestSpanId = (request: string, who: string): string => spanIdOf(`${request} ${who}`)

function waiting({
  parent,
  who,
  start,
  end,
}: {
  parent: string
  who: string
  start: number
  end: number | null
}): Span {
  const outcome = end === null ? 'waiting for a free replica' : 'never begun'
  const span = { id: spanIdOf(`${parent} queue`), parent, name: 'queue', service: who, kind: 'wait' } as const
  return { ...span, start, end, ...free, outcome, event: null }
}

const isFailed = (closing: Closing | null): boolean =>
  closing !== null && (closing.type === 'timer.due' || 'reason' in closing.data)

/** How it ended, in a word that nobody wrote. */
function codeOf(closing: Closing | null, storyEnded: number | null): string {
  if (!closing) return storyEnded === null ? 'open' : 'ended_with_story'
  if (closing.type === 'timer.due') return 'deadline_passed'
  if ('verdict' in closing.data) return closing.data.verdict
  if ('waiting' in closing.data) return `paused: ${closing.data.waiting.kind}`
  return closing.type.split('.')[1] ?? ''
}

const occupantAttributes = (occupant: Occupant | undefined): Attributes =>
  occupant
    ? {
        'sluice.occupant.program': occupant.program,
        'sluice.occupant.version': occupant.version,
        ...(occupant.model ? { 'gen_ai.response.model': occupant.model } : {}),
        ...(occupant.scripted ? { 'sluice.scripted': occupant.scripted } : {}),
      }
    : {}

function nameOf(request: Request, who: string): string {
  if (request.type === 'release.requested') return `${who}: ${request.data.do}`
  if (request.type === 'review.requested' && request.data.landing) return `${who}: on the tree that lands`
  return who
}

const spentIn = (run?: StoryRun): Usage => usageOfRun(run?.entries ?? [])

function outcomeOf(asked: Asked, run: StoryRun | undefined, storyEnded: number | null): string {
  const { closing } = asked
  const attempts = new Set(run?.entries.map(({ attempt }) => attempt)).size
  const occupant = occupantOf(asked, run)
  const how = closing ? closingText(closing) : storyEnded === null ? 'at work' : 'ended with the story'
  return [how, attempts > 1 && `${attempts} attempts`, occupant && whoIs(occupant)].filter(Boolean).join(' · ')
}

function occupantOf({ closing }: Asked, run: StoryRun | undefined): Occupant | undefined {
  const session = run?.entries.findLast(({ kind }) => kind === 'session')?.data as SessionEntry | undefined
  return closing && 'occupant' in closing.data ? closing.data.occupant : session?.occupant
}

function closingText(closing: Closing): string {
  const { type, data } = closing
  if (type === 'timer.due') return 'no answer before the deadline'
  if ('waiting' in data) return `paused: ${data.waiting.kind}`
  if ('reason' in data) return `failed: ${data.reason.split('\n', 1)[0]}`
  if ('verdict' in data) return `${data.verdict}, findings: ${data.findings.length}`
  return 'result' in data ? data.result.kind : 'completed'
}

/** A world without a bus: one log, roles that answer whenever the schedule says, a person at the gates. */
import { record, type Saying } from '@sluice/kit/record.ts'
import type { EventType } from '@sluice/proto/event.ts'
import * as events from '@sluice/proto/events.ts'
import { type Event, eventTypeOf } from '@sluice/proto/events.ts'
import { type Choices, type Judged, noUsage } from '@sluice/proto/parts.ts'
import { defaultMaxRounds, defaultSeats, pipeline } from '@sluice/proto/pipeline.ts'
import { blockingFindings } from '@sluice/proto/story/review.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import { decide, type Owed } from '../decide.ts'

export const START = new Date('2026-01-01T00:00:00Z')
const [a, b, c] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)] as const
const artifact = { sha256: '1'.repeat(64), bytes: 1, mediaType: 'text/markdown', name: 'x.md' }
const config = {
  source: 'sluice.yaml' as const,
  digest: '2'.repeat(64),
  setup: null,
  checks: [{ name: 'test', command: 'true' }],
  preview: null,
  release: null,
  documents: true,
  egress: [],
}
const requirements = {
  title: 't',
  userStories: ['u'],
  criteria: [{ id: 'C1', text: 'x' }],
  outOfScope: [],
  assumptions: [],
  contradictions: [],
}
export const policy = {
  path: pipeline.map((s) => s.stage as string),
  seats: [...defaultSeats],
  maxRounds: defaultMaxRounds,
}

let clock = 0
const tick = () => new Date(START.getTime() + ++clock * 1000)

export function say<E extends EventType>(saying: Omit<Saying<E>, 'projectId' | 'now' | 'storyId'>): Event {
  return record({ ...saying, projectId: 'p1', storyId: 's1', now: tick() } as Saying<E>) as Event
}

export const submitted = (more: { choices?: Choices } = {}): Event =>
  say({
    type: events.StorySubmitted,
    source: 'web',
    cause: null,
    data: {
      title: 't',
      text: 'Do it.',
      repository: { root: '/r', base: 'main', commit: a },
      config,
      policy,
      budgetUsd: 5,
      ...more,
    },
  })

export const fold = (log: readonly Event[]): Story => {
  const story = log.reduce<Story | null>(evolve, null)
  if (!story) throw new Error('No story was submitted.')
  return story
}

/** What the orchestrator would publish now; slots are always free here. */
export function decided(log: readonly Event[], now = tick()): Event[] {
  return decide(fold(log), now).map((owed: Owed) => say({ ...owed, source: 'orchestrator' } as never))
}

export type Answering = {
  verdict?: 'approve' | 'reject'
  kind?: 'completed' | 'paused' | 'failed'
  release?: 'clean' | 'conflict' | 'moved' | 'changed'
  personOnly?: boolean
}

/** The judged commit of round n, or of its rebase. */
export const judgedAt = (n: number, patch = n, base: string = a): Judged => ({
  base,
  commit: String(n).padStart(40, '0'),
  tree: String(n).padStart(40, 'd'),
  patchId: `patch-${patch}`,
})

/** Every answer that is open in this log: one per step, one per seat. */
export function answers(log: readonly Event[], how: Answering, n: number): Event[] {
  return log.flatMap((event) => (event.type.endsWith('.requested') ? answersTo(event, how, n) : []))
}

const answered = (request: Event, attempt: number) => ({
  request: request.id,
  attempt,
  occupant: { program: 'test', version: '1' },
  usage: noUsage,
})

function answersTo(request: Event, how: Answering, n: number): Event[] {
  const noun = request.type.split('.')[0] as 'scope'
  const sources = request.type === 'review.requested' ? request.data.seats : [roleOf(noun)]
  return sources.map((source) => {
    const kind = how.kind ?? 'completed'
    const type = eventTypeOf(`${noun}.${kind}`) as EventType
    return say({
      type,
      source,
      cause: request.id,
      n: `${kind}-${n}`,
      data: { ...answered(request, n), ...body(request, source, how, n) } as never,
    })
  })
}

const roleOf = (noun: string): string => pipeline.find((s) => s.noun === noun)?.role ?? noun

function body(request: Event, source: string, how: Answering, n: number): object {
  if (how.kind === 'paused') return { waiting: { kind: 'account', problem: 'no credit' } }
  if (how.kind === 'failed') return { reason: 'broken' }
  switch (request.type) {
    case 'scope.requested':
      return { requirements, document: artifact }
    case 'design.requested':
      return {
        document: artifact,
        bundle: {
          digest: '3'.repeat(64),
          html: artifact,
          regions: [],
          pictures: [{ artifact, viewport: 'desktop', width: 1, height: 1, state: 'full' }],
        },
      }
    case 'architecture.requested':
      return {
        document: artifact,
        tasksDocument: artifact,
        tasks: [{ id: 'T1', title: 't', detail: '', dependsOn: [], criteria: ['C1'] }],
      }
    case 'build.requested':
      return {
        judged: judgedAt(100 + request.data.round, request.data.round, request.data.onto?.commit ?? a),
        summary: 's',
        files: [],
        diff: artifact,
      }
    case 'review.requested':
      return reviewBody(request, source, how)
    case 'release.requested':
      return { result: releaseResult(request, how, n) }
    default:
      return {}
  }
}

function reviewBody(request: Event & { type: 'review.requested' }, source: string, how: Answering): object {
  const rejects = how.verdict === 'reject' && source === 'security'
  const finding = { id: `f-${request.id}`, seat: source, severity: 'high', blocking: true, claim: 'bad', evidence: '' }
  const findings = rejects ? [{ ...finding, ...(how.personOnly ? { personOnly: true } : {}) }] : []
  return {
    seat: source,
    verdict: rejects ? 'reject' : 'approve',
    judged: request.data.judged,
    findings,
    earlier: [],
    summary: 's',
  }
}

function releaseResult(request: Event & { type: 'release.requested' }, how: Answering, n: number): object {
  const { approved } = request.data
  if (request.data.do === 'rebase') {
    if (how.release === 'conflict') return { kind: 'conflict', onto: b, files: ['x'] }
    const patchId = how.release === 'changed' ? `${approved.patchId}-changed` : approved.patchId
    return { kind: 'rebased', judged: { base: c, commit: String(5000 + n).padStart(40, '0'), tree: c, patchId } }
  }
  return how.release === 'moved'
    ? { kind: 'moved', base: b }
    : { kind: 'landed', commit: approved.commit, tree: approved.tree }
}

/** What a person would do next to get the story on: approve, dismiss, retry; nothing while somebody works. */
export function person(log: readonly Event[], n: number, decision: 'approve' | 'reject' = 'approve'): Event[] {
  const story = fold(log)
  const by = 'person' as const
  const dismissals = story.gate
    ? blockingFindings(story).map((f) =>
        say({
          type: events.FindingDismissed,
          source: 'web',
          cause: null,
          n: `${f.id}-${n}`,
          data: { findingId: f.id, reason: 'accepted', by },
        }),
      )
    : []
  const gate = story.gate && { gate: story.gate.gate, digest: story.gate.digest, by }
  if (gate && decision === 'reject')
    return [
      say({
        type: events.GateRejected,
        source: 'web',
        cause: story.gate?.event ?? null,
        n,
        data: { ...gate, comment: 'again' },
      }),
    ]
  if (gate)
    return [
      ...dismissals,
      say({ type: events.GateApproved, source: 'web', cause: story.gate?.event ?? null, n, data: gate }),
    ]
  return [say({ type: events.StoryRetried, source: 'web', cause: null, n, data: {} })]
}

/** What orchestrator and roles say of a story on its way, for tests: true to the schemas, small in content. */
import type { EventId, EventType } from '@sluice/proto/event.ts'
import * as events from '@sluice/proto/events.ts'
import { type Finding, type Judged, noUsage, type Waiting } from '@sluice/proto/parts.ts'
import { defaultSeats, pipeline } from '@sluice/proto/pipeline.ts'
import type { Submitted } from '@sluice/proto/story.ts'

export const artifact = { sha256: '1'.repeat(64), bytes: 1, mediaType: 'text/markdown', name: 'x.md' }
export const occupant = { program: 'sluice', version: '0.1.0', model: 'claude-test', scripted: 'the test' }
export const usage = { ...noUsage, inputTokens: 100, outputTokens: 10, costUsd: 0.25 }
const requirements = {
  ...{ title: 'Keep drafts', userStories: ['u'], criteria: [{ id: 'C1', text: 'x' }] },
  ...{ outOfScope: [], assumptions: [], contradictions: [] },
}
const bundle = {
  ...{ digest: '3'.repeat(64), html: artifact, regions: [] },
  pictures: [{ artifact, viewport: 'desktop', width: 1, height: 1, state: 'full' }],
}
const tasks = [{ id: 'T1', title: 't', detail: '', dependsOn: [], criteria: ['C1'] }]
export const judged: Judged = { base: 'a'.repeat(40), commit: 'b'.repeat(40), tree: 'c'.repeat(40), patchId: 'p1' }

/** The digest of what is shown at a gate. */
export const digestOf = (gate: string, n = 0): string => `${gate.length}${n}`.padEnd(64, 'd')

export const finding = (id: string): Finding => ({
  ...{ id, seat: 'security', severity: 'high', blocking: true, claim: 'Markup is not escaped.', evidence: 'raw(…)' },
})

export type Said = { type: EventType; source: string; cause: EventId | null; n?: string | number; data: unknown }

export const submitted: Submitted = {
  ...{ title: 'Keep drafts', text: 'Keep drafts.', budgetUsd: 5 },
  repository: { root: '/r', base: 'main', commit: 'a'.repeat(40) },
  config: {
    ...{ source: 'nothing', digest: '2'.repeat(64), setup: null, checks: [], preview: null, release: null },
    ...{ documents: true, egress: [] },
  },
  policy: { path: pipeline.map(({ stage }) => stage), seats: [...defaultSeats], maxRounds: 3 },
}

export const storySubmitted: Said = { type: events.StorySubmitted, source: 'web', cause: null, data: submitted }

const asked = ({ repository, title, text, budgetUsd }: Submitted) => ({
  ...{ repository, title, text, budgetUsd, deadline: '2099-01-01T00:00:00Z', answers: [], feedback: [] },
})
const approvedScope = { requirements, requirementsDocument: artifact }
const approvedDesign = { ...approvedScope, design: bundle }
const approvedPlan = { ...approvedDesign, architectureDocument: artifact, tasks }

const conductor = (type: EventType, cause: EventId, data: unknown, n: string | number = 0): Said => ({
  ...{ type, source: 'orchestrator', cause, n, data },
})

export const ask = {
  scope: (s: Submitted, cause: EventId) => conductor(events.ScopeRequested, cause, asked(s)),
  design: (s: Submitted, cause: EventId) =>
    conductor(events.DesignRequested, cause, { ...asked(s), approved: approvedScope, config: s.config }),
  architecture: (s: Submitted, cause: EventId) =>
    conductor(events.ArchitectureRequested, cause, { ...asked(s), approved: approvedDesign }),
  build: (s: Submitted, cause: EventId) =>
    conductor(events.BuildRequested, cause, {
      ...{ ...asked(s), round: 1, branch: 'sluice/x', approved: approvedPlan, config: s.config, findings: [] },
    }),
  review: (s: Submitted, cause: EventId) =>
    conductor(events.ReviewRequested, cause, {
      ...{
        ...asked(s),
        seats: [...defaultSeats],
        round: 1,
        judged,
        approved: approvedPlan,
        config: s.config,
        earlier: [],
      },
    }),
}

export const gateOpened = (gate: string, cause: EventId, n = 0, unresolved: string[] = []): Said =>
  conductor(events.GateOpened, cause, { gate, digest: digestOf(gate, n), unresolved }, n)

export const policyFrozen = (s: Submitted, cause: EventId): Said =>
  conductor(events.PolicyFrozen, cause, { ...s.policy, digest: '5'.repeat(64) })

export const cancelledStory: Said = {
  ...{ type: events.StoryCancelled, source: 'web', cause: null, n: 'test', data: { reason: '' } },
}

/** An answer of the role that a request names. */
export function answered(
  noun: 'scope' | 'design' | 'architecture' | 'build' | 'review',
  request: EventId,
  { source, findings = [] }: { source?: string; findings?: Finding[] } = {},
): Said {
  const from = source ?? pipeline.find((stage) => stage.noun === noun)?.role ?? noun
  const common = { request, attempt: 1, occupant, usage }
  const bodies = {
    scope: { requirements, document: artifact },
    design: { bundle, document: artifact },
    architecture: { document: artifact, tasksDocument: artifact, tasks },
    build: { judged, summary: 's', files: [], diff: artifact },
    review: {
      ...{
        seat: from,
        verdict: findings.length > 0 ? 'reject' : 'approve',
        judged,
        findings,
        earlier: [],
        summary: 's',
      },
    },
  }
  const type = events.eventTypeOf(`${noun}.completed`) as EventType
  return { type, source: from, cause: request, data: { ...common, ...bodies[noun] } }
}

export const scopePaused = (request: EventId, waiting: Waiting): Said => ({
  ...{ type: events.Scope.paused, source: 'analyst', cause: request },
  data: { request, attempt: 1, occupant, usage, waiting },
})

export const buildPaused = (request: EventId, waiting: Waiting): Said => ({
  ...scopePaused(request, waiting),
  ...{ type: events.Build.paused, source: 'implementer' },
})

export const scopeFailed = (request: EventId, more: object = {}): Said => ({
  ...{ type: events.Scope.failed, source: 'analyst', cause: request },
  data: { request, attempt: 1, occupant, usage, reason: 'It broke.\nThe rest.', ...more },
})

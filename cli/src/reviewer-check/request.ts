/** A review request as the orchestrator would ask it, for a sample. */
import { record } from '@sluice/kit/record.ts'
import type { Envelope, EventOf } from '@sluice/proto/event.ts'
import { ReviewRequested } from '@sluice/proto/events.ts'
import type { Artifact, Finding, Judged } from '@sluice/proto/parts.ts'

export type Request = EventOf<typeof ReviewRequested>

export type Asking = {
  storyId: string
  seats: string[]
  judged: Judged
  root: string
  deadline: Date
  document: Artifact
  earlier?: Finding[]
}

export function requestOf({ storyId, seats, judged, root, deadline, document, earlier = [] }: Asking): Request {
  const picture = { artifact: document, viewport: 'desktop', width: 1280, height: 800, state: 'full' }
  const data = {
    ...{ title: 'Greet whoever logs in', text: 'Whoever logs in should be greeted by name.', budgetUsd: 5 },
    ...{ repository: { root, base: 'main', commit: judged.base }, deadline: deadline.toISOString() },
    ...{ answers: [], feedback: [], seats, judged, earlier, round: earlier.length > 0 ? 2 : 1 },
    approved: {
      requirements,
      requirementsDocument: document,
      design: { digest: '0'.repeat(64), html: document, pictures: [picture], regions: [] },
      architectureDocument: document,
      tasks: [{ id: 'T1', title: 'Greet', detail: '', dependsOn: [], criteria: ['C1'] }],
    },
    config: {
      ...{ source: 'nothing' as const, digest: '0'.repeat(64), setup: null, checks: [], preview: null, release: null },
      ...{ documents: true, egress: [] },
    },
  }
  const said = { type: ReviewRequested, source: 'orchestrator', projectId: 'check', storyId, cause: `cause-${storyId}` }
  return record({ ...said, data, now: new Date() }) as Envelope as Request
}

const requirements = {
  title: 'Greet whoever logs in',
  userStories: ['As somebody who logs in I want to be greeted, so that I know it worked.'],
  criteria: [{ id: 'C1', text: 'When somebody logs in, the page shall greet them by name.' }],
  ...{ outOfScope: [], assumptions: [], contradictions: [] },
}

/** What an earlier round is said to have found: two of this seat, and one of somebody else's. */
export const earlierOf = (seat: string): Finding[] => [
  earlier('f-first', seat, { blocking: true, severity: 'high', claim: 'The password stands in the file.' }),
  earlier('f-second', seat, { blocking: false, severity: 'low', claim: 'The name is not checked.' }),
  earlier('f-of-another', 'another-seat', { blocking: false, severity: 'low', claim: 'Not yours to answer.' }),
]

const earlier = (id: string, seat: string, more: Pick<Finding, 'blocking' | 'severity' | 'claim'>): Finding => ({
  ...{ id, seat, path: 'src/login.js', startLine: 2, endLine: 2, evidence: 'src/login.js:2' },
  ...more,
})

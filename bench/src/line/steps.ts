/** The eight durable steps: the shapes of the real roles, each answering at once what the next step needs, without a model or git. */
import { completed } from '@sluice/kit/outcome.ts'
import { defineRole, type Role } from '@sluice/kit/role.ts'
import {
  Architecture,
  ArchitectureRequested,
  Build,
  BuildRequested,
  Design,
  DesignRequested,
  Release,
  ReleaseRequested,
  Review,
  ReviewRequested,
  Scope,
  ScopeRequested,
} from '@sluice/proto/events.ts'

/** Requests one role works on at once in the bench: enough that the line waits for itself, never for a free hand. */
export const AT_ONCE = 8

/** What a story waits for one after the other: request, lease, journal, answer, acknowledgement each. */
export const STEPS = ['scope', 'design', 'architecture', 'build', 'review', 'rebase', 'checks', 'land'] as const

const [base, commit, tree, landed] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
]
const artifact = { sha256: '1'.repeat(64), bytes: 1_024, mediaType: 'text/markdown', name: 'document.md' }
const picture = { artifact, viewport: 'desktop', width: 1_280, height: 800, state: 'full' }

const analyst = defineRole({
  ...{ name: 'analyst', takes: ScopeRequested, gives: Scope, uses: [], atOnce: AT_ONCE },
  answer: async ({ data }) =>
    completed({
      requirements: {
        title: data.title,
        userStories: ['As a writer I want my draft kept, so that a closed tab loses nothing.'],
        criteria: [{ id: 'C1', text: 'When the tab is closed, the app shall keep the draft for 30 days.' }],
        outOfScope: [],
        assumptions: [],
        contradictions: [],
      },
      document: artifact,
    }),
})

const designer = defineRole({
  ...{ name: 'designer', takes: DesignRequested, gives: Design, uses: [], atOnce: AT_ONCE },
  answer: async () =>
    completed({
      bundle: { digest: '3'.repeat(64), html: artifact, pictures: [picture], regions: [] },
      document: artifact,
    }),
})

const architect = defineRole({
  ...{ name: 'architect', takes: ArchitectureRequested, gives: Architecture, uses: [], atOnce: AT_ONCE },
  answer: async () =>
    completed({
      document: artifact,
      tasksDocument: artifact,
      tasks: [{ id: 'T1', title: 'Keep drafts', detail: '', dependsOn: [], criteria: ['C1'] }],
    }),
})

const implementer = defineRole({
  ...{ name: 'implementer', takes: BuildRequested, gives: Build, uses: [], atOnce: AT_ONCE },
  answer: async () =>
    completed({
      judged: { base, commit, tree, patchId: 'patch' },
      summary: 'Drafts are kept.',
      files: [{ path: 'src/drafts.ts', additions: 20, deletions: 2 }],
      diff: artifact,
    }),
})

/** One seat: a story waits for it twice, for the commit that was built and for the one that lands. */
const checks = defineRole({
  ...{ name: 'checks', takes: ReviewRequested, gives: Review, uses: [], atOnce: AT_ONCE },
  answer: async ({ data: { judged } }) =>
    completed({ seat: 'checks', verdict: 'approve' as const, judged, findings: [], earlier: [], summary: 'Green.' }),
})

const releaser = defineRole({
  ...{ name: 'releaser', takes: ReleaseRequested, gives: Release, uses: [], atOnce: AT_ONCE },
  answer: async ({ data }) =>
    completed({
      result:
        data.do === 'rebase'
          ? { kind: 'rebased' as const, judged: { ...data.approved, base: tree, commit: landed, tree } }
          : { kind: 'landed' as const, commit: data.approved.commit, tree: data.approved.tree },
    }),
})

// Each is of its own pair of types; who serves them all knows them only as roles.
export const steps = [analyst, designer, architect, implementer, checks, releaser] as unknown as readonly Role[]

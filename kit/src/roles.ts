/** Every role there is, as far as the bus and the supervisor must know it without loading it. */
import {
  Architecture,
  ArchitectureRequested,
  Build,
  BuildRequested,
  Design,
  DesignRequested,
  MergeCompleted,
  MergeStarted,
  Release,
  ReleaseRequested,
  Review,
  ReviewRequested,
  Scope,
  ScopeRequested,
} from '@sluice/proto/events.ts'
import type { RoleShape } from './permissions.ts'

export type RoleProgram = RoleShape & {
  /** The source that is run, from the root of the checkout. */
  program: string
}

const seat = (name: string, uses: RoleShape['uses']): RoleProgram => ({
  ...{ ...seatShape(name), uses },
  program: `services/reviewers/src/${name}.ts`,
})

const withModel = ['agent', 'memory'] as const

/** What a seat may say and hear if somebody else's program sits there. */
export const seatShape = (name: string): RoleShape => ({ name, takes: ReviewRequested, gives: Review, uses: [] })

/** A test holds every entry against the definition its program exports (test/src/roles.test.ts). */
export const roles: readonly RoleProgram[] = [
  {
    ...{ name: 'analyst', takes: ScopeRequested, gives: Scope, uses: withModel },
    program: 'services/analyst/src/analyst.ts',
  },
  {
    ...{ name: 'designer', takes: DesignRequested, gives: Design, uses: withModel },
    program: 'services/designer/src/designer.ts',
  },
  {
    ...{ name: 'architect', takes: ArchitectureRequested, gives: Architecture, uses: withModel },
    program: 'services/architect/src/architect.ts',
  },
  {
    ...{ name: 'implementer', takes: BuildRequested, gives: Build, uses: withModel },
    program: 'services/implementer/src/implementer.ts',
  },
  seat('checks', []),
  seat('security', withModel),
  seat('refactor', withModel),
  seat('generic', withModel),
  {
    ...{ name: 'releaser', takes: ReleaseRequested, gives: Release, says: [MergeStarted, MergeCompleted], uses: [] },
    program: 'services/releaser/src/releaser.ts',
  },
]

/** The programs that can sit in a seat. */
export const reviewers: readonly RoleProgram[] = roles.filter(({ takes }) => takes === ReviewRequested)

/** The order of the stages, as data: the one place that names it. */
export type Stage = 'scope' | 'design' | 'architecture' | 'implementation' | 'review' | 'release'

export type StageSpec = {
  stage: Stage
  /** The noun of its requests and answers: `<noun>.requested`, `<noun>.completed` … */
  noun: 'scope' | 'design' | 'architecture' | 'build' | 'review' | 'release'
  /** Who answers: a role's source; `seat` stands for every reviewer. */
  role: string
  /** Who closes the stage. */
  gate: 'person' | 'checks' | 'seats' | 'none'
  /** Minutes a request may stay open before `timer.due` closes it. */
  deadlineMinutes: number
}

export const pipeline: readonly StageSpec[] = [
  { stage: 'scope', noun: 'scope', role: 'analyst', gate: 'person', deadlineMinutes: 60 },
  { stage: 'design', noun: 'design', role: 'designer', gate: 'person', deadlineMinutes: 120 },
  { stage: 'architecture', noun: 'architecture', role: 'architect', gate: 'person', deadlineMinutes: 120 },
  { stage: 'implementation', noun: 'build', role: 'implementer', gate: 'checks', deadlineMinutes: 480 },
  { stage: 'review', noun: 'review', role: 'seat', gate: 'seats', deadlineMinutes: 120 },
  { stage: 'release', noun: 'release', role: 'releaser', gate: 'none', deadlineMinutes: 120 },
]

/** The reviewer without a model: the project's own types, lint and tests. */
export const checksSeat = 'checks'

/** The seats that must sign a story unless its policy names others. */
export const defaultSeats = [checksSeat, 'security', 'refactor', 'generic'] as const
export const defaultMaxRounds = 3
export const defaultBudgetUsd = 5

export function specOf(noun: StageSpec['noun']): StageSpec {
  const spec = pipeline.find((s) => s.noun === noun)
  if (!spec) throw new Error(`The pipeline has no stage ${noun}.`)
  return spec
}

/** The stage a role works in; whoever is no role of the pipeline sits in a seat. */
export const stageOfRole = (role: string): Stage => pipeline.find((spec) => spec.role === role)?.stage ?? 'review'

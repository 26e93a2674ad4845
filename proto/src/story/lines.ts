/** The lines of money a story has, and what becomes of runs that wait at one. */
import type { Instant } from '../event.ts'
import type { Event } from '../events.ts'
import type { Limits, Waiting } from '../parts.ts'
import type { Story } from '../story.ts'
import { resume } from './steps.ts'

/** When what a run waits for is drawn anew by itself; null if only a person can set it going again. */
export function resetOf(waiting: Waiting): Instant | null {
  if (waiting.kind === 'limit') return waiting.wake ? waiting.resetsAt : null
  return waiting.kind === 'budget' ? (waiting.resetsAt ?? null) : null
}

/** Lines that are not named stay; the soft one keeps its share of the hard one. */
export function withLines(
  story: Story,
  { budgetUsd, limits }: { budgetUsd: number; limits?: Limits | undefined },
): Story {
  const { softUsd } = story.limits
  const share = softUsd === undefined ? {} : { softUsd: (softUsd / story.budgetUsd) * budgetUsd }
  const roles = { ...story.limits.roles, ...limits?.roles }
  const stages = { ...story.limits.stages, ...limits?.stages }
  const kept = { ...story.limits, ...share, ...limits }
  const named = { ...(Object.keys(roles).length ? { roles } : {}), ...(Object.keys(stages).length ? { stages } : {}) }
  return { ...story, budgetUsd, limits: { ...kept, ...named } }
}

/** Where the line that stopped a run lies now. */
function lineNow(
  { budgetUsd, limits }: Pick<Story, 'budgetUsd' | 'limits'>,
  { line = 'hard', of = '' }: Extract<Waiting, { kind: 'budget' }>,
): number {
  if (line === 'hard') return budgetUsd
  const at = { soft: limits.softUsd, day: limits.dayUsd, tokens: limits.tokens }
  const named = { role: limits.roles, stage: limits.stages }
  return (line === 'role' || line === 'stage' ? named[line]?.[of] : at[line]) ?? Number.POSITIVE_INFINITY
}

/** The line was moved while the run still worked by the old one: nobody has to be asked again. */
export function goesOnAtOnce(story: Story, event: Event): Story {
  return resume(story, event, (s) => {
    if (s.at !== 'paused' || s.waiting.kind !== 'budget') return false
    return lineNow(story, s.waiting) > (s.waiting.at ?? s.waiting.budgetUsd)
  })
}

/** Where the lines go that a story stands at, if a person says no more than that it may go on. Pure. */
import type { Limits, Waiting } from './parts.ts'
import { stepsOf } from './story/steps.ts'
import type { Story } from './story.ts'

export type Raise = { budgetUsd: number; limits?: Limits }
type Stopped = Extract<Waiting, { kind: 'budget' }>

/** All lines that stop it now; null if none does. */
export function goOn(story: Story): Raise | null {
  const stopped = stepsOf(story).flatMap(({ step }) =>
    step.at === 'paused' && step.waiting.kind === 'budget' ? [step.waiting] : [],
  )
  if (stopped.length === 0) return null
  return stopped.reduce<Raise>((raise, waiting) => moved(raise, waiting, story), { budgetUsd: story.budgetUsd })
}

function moved(raise: Raise, waiting: Stopped, { submitted }: Story): Raise {
  const { line = 'hard', of = '', neededUsd, spentUsd, budgetUsd, at = budgetUsd } = waiting
  const limits = raise.limits ?? {}
  // Half as much again, and never so little that the very next call stands there too.
  const further = (from: number, half: number) => halves(from + Math.max(neededUsd, half))
  switch (line) {
    case 'hard': {
      const more = further(Math.max(budgetUsd, spentUsd), submitted.budgetUsd / 2)
      return { ...raise, budgetUsd: Math.max(raise.budgetUsd, more) }
    }
    case 'soft':
      // It has asked: the hard line is the next.
      return { ...raise, limits: { ...limits, softUsd: Math.max(raise.budgetUsd, at) } }
    case 'day':
      return { ...raise, limits: { ...limits, dayUsd: further(Math.max(at, waiting.spent ?? 0), at / 2) } }
    case 'tokens':
      return { ...raise, limits: { ...limits, tokens: Math.ceil(Math.max(at, waiting.spent ?? 0) * 1.5) } }
    case 'role':
      return { ...raise, limits: { ...limits, roles: { ...limits.roles, [of]: further(at, at / 2) } } }
    case 'stage':
      return { ...raise, limits: { ...limits, stages: { ...limits.stages, [of]: further(at, at / 2) } } }
  }
}

const halves = (usd: number): number => Math.ceil(usd * 2) / 2

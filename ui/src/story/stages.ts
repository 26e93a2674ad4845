/** How far a story is, stage by stage, and which tab shows what a gate is about. */

import { stageOf } from '@sluice/proto/story/stage.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'

export type StageState = 'done' | 'here' | 'waits' | 'ahead'

export function stagesOf(story: Story): { stage: string; state: StageState }[] {
  const { path } = story.policy
  const at = stageOf(story)
  const here = at === 'shipped' ? path.length : path.indexOf(at)
  const stands = story.gate !== null || stepsOf(story).some(({ step }) => step.at === 'paused' || step.at === 'failed')
  return path.map((stage, i) => {
    if (i < here || (story.status === 'cancelled' && stage in story.approvals)) return { stage, state: 'done' }
    if (i > here || story.status === 'cancelled') return { stage, state: 'ahead' }
    return { stage, state: stands ? 'waits' : 'here' }
  })
}

export const tabs = ['overview', 'design', 'plan', 'changes', 'review', 'runs', 'trace', 'events'] as const
export type Tab = (typeof tabs)[number]

export const isTab = (name: string | undefined): name is Tab => (tabs as readonly (string | undefined)[]).includes(name)

const shownIn: Partial<Record<string, Tab>> = {
  scope: 'overview',
  design: 'design',
  architecture: 'plan',
  review: 'review',
}

/** Where what a gate is about is to be seen. */
export const tabOf = (gate: string | undefined): Tab => shownIn[gate ?? ''] ?? 'overview'

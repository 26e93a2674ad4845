/** What agents of a story ask to be allowed: of runs that wait for it, and of those that were parked for it. */
import type { PermissionAsked } from '@sluice/proto/parts.ts'
import type { RunView } from '@sluice/proto/rest.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'

export type Pending = PermissionAsked & { role: string; request: string }

export function pendingIn(story: Story, runs: readonly RunView[]): Pending[] {
  return stepsOf(story).flatMap(({ role, step }) => {
    if (step.at === 'paused' && step.waiting.kind === 'permission')
      return step.waiting.permissions.map((asked) => ({ ...asked, role, request: step.request }))
    if (step.at !== 'asked') return []
    const run = runs.find(({ source, runId }) => source === role && runId === step.request)
    return (run?.permissions ?? []).map((asked) => ({ ...asked, role, request: step.request }))
  })
}

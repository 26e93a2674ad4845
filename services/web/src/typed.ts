/** What a person does at a running agent besides deciding about its story: types into its terminal, answers what it asks at once. */
import type { Bus } from '@sluice/kit/bus.ts'
import { type RunAddress, sayTo } from '@sluice/kit/ctl.ts'
import { Keys, Permit } from '@sluice/proto/rest.ts'
import type { Heard } from '@sluice/proto/said.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import { understood } from './body.ts'
import { refuse } from './refused.ts'

export async function typeKeys(bus: Bus, to: RunAddress, body: unknown): Promise<Heard> {
  const { data } = understood(Keys, body)
  const heard = await sayTo(bus, to, { do: 'keys', data })
  if (!heard) return refuse(409, 'Nobody is at work in this run.', 'Look at the story: it may have gone on.')
  if ('refused' in heard) return refuse(409, heard.refused, 'Steer it in words, if it is at work.')
  return heard
}

/** A run that still waits hears it at once; one that is parked is asked again, and finds it in its request. */
export async function tellPermission(bus: Bus, story: Story | null, body: unknown): Promise<void> {
  const { request, permission, allow, reason } = Permit.parse(body)
  const step = story && stepsOf(story).find(({ step }) => step.at === 'asked' && step.request === request)
  if (!story || !step) return
  const said = { do: 'decide', permission, allow, ...(reason && { reason }) } as const
  // Not heard, it stands in the story all the same.
  await sayTo(bus, { source: step.role, storyId: story.id, runId: request }, said)
}

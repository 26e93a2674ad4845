/** Ends what an agent is doing this moment; its conversation goes on. Nothing is recorded but in its own journal. */

import type { Bus } from '@sluice/kit/bus.ts'
import { sayTo } from '@sluice/kit/ctl.ts'
import { Interrupt } from '@sluice/proto/rest.ts'
import type { Story } from '@sluice/proto/story.ts'
import { understood } from '../body.ts'
import { refuse } from '../refused.ts'
import { addressee } from './hand.ts'

export async function interrupt(
  bus: Bus,
  story: Story | null,
  body: unknown,
): Promise<{ role: string; request: string }> {
  const { role } = understood(Interrupt, body)
  const to = story && addressee(story, role)
  if (!story || !to)
    return refuse(
      409,
      `${role ?? 'Nobody'} is ${role ? 'not ' : ''}at work on this story.`,
      'There is nothing to interrupt.',
    )
  const heard = await sayTo(bus, { source: to.role, storyId: story.id, runId: to.request }, { do: 'interrupt' })
  if (!heard) refuse(503, `${to.role} does not answer.`, 'Stop it: then it is taken from whoever has it.')
  if ('refused' in heard) refuse(409, heard.refused, 'Say it in words, or stop the story.')
  return to
}

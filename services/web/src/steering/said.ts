/** What becomes of a person's word, in a sentence for them. */

import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'

export type Told = { heard?: boolean; says?: string }

export function toldOf(
  story: Story | null,
  { verb, event, refused }: { verb: string; event: string; refused: Map<string, string> },
): Told {
  const words = story?.words.find(({ id }) => id === event)
  if (words?.heard) return { heard: true, says: `${words.heard.role} has heard it.` }
  if (words) return { heard: false, says: keptText(story, { ...words, why: refused.get(event) }) }
  const busy = story ? stepsOf(story).flatMap(({ role, step }) => (step.at === 'asked' ? [role] : [])) : []
  if (verb === 'pause' && busy.length > 0) return { says: `${busy.join(', ')} parks after what it does now.` }
  if ((verb === 'stop' || verb === 'take') && busy.length > 0)
    return { says: `${busy.join(', ')} is told to put its tools down.` }
  return {}
}

function keptText(story: Story | null, { role, why }: { role: string | null; why: string | undefined }): string {
  const kept = `It is kept: ${role ?? 'whoever works next'} is told as soon as it can hear.`
  if (story?.hold) return `The story is ${story.hold.why}. ${kept}`
  return why ? `${why} ${kept}` : kept
}

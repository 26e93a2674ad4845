/** What a person may type next about a story that stands still for them. */
import { type Wait, waitsOf } from '@sluice/proto/card.ts'
import { blockingFindings } from '@sluice/proto/story/review.ts'
import type { Story } from '@sluice/proto/story.ts'

/**
 * What only a person can set going again. Gates of an `auto` story are approved for them; not so when findings
 * stand in the way.
 */
export function needsOf(story: Story): Wait[] {
  const approvedAlone = story.submitted.auto === true && blockingFindings(story).length === 0
  return waitsOf(story).filter((wait) => wait.person && !(wait.kind === 'gate' && approvedAlone))
}

/** Commands, the likeliest first. */
export function nextFor(story: Story): string[] {
  const typed = waitsOf(story).flatMap((wait) => commandsFor(wait, story))
  return [...new Set(typed)]
}

function commandsFor({ kind }: Wait, story: Story): string[] {
  const about = (verb: string, rest = ''): string => `sluice story ${verb} ${story.id}${rest}`
  switch (kind) {
    case 'gate':
      return [
        about('approve', blockingFindings(story).length > 0 ? ' --dismiss "why they do not stand"' : ''),
        about('reject', ' --comment "what to change"'),
      ]
    case 'questions':
      return [about('answer')]
    case 'permission':
      return [about('permit'), about('permit', ' --deny')]
    case 'budget':
      return [about('budget', ' --go-on'), about('budget', ` ${Math.ceil(story.budgetUsd * 2)}`), about('cancel')]
    case 'stuck':
      return [about('retry', ' --comment "what to try instead"'), about('cancel')]
    case 'limit':
    case 'account':
    case 'checkout':
    case 'failed':
      return [about('retry'), about('cancel')]
    case 'person':
      return story.hold?.why === 'taken'
        ? [about('hand-back'), about('hand-back', ' --done')]
        : [about('resume'), about('steer', ' "what is to change"'), about('cancel')]
    case 'slot':
    case 'turn':
      return []
  }
}

/** How a seat stands to the commit at hand, in words and a colour for them. */

import { isSigned } from '@sluice/proto/story/review.ts'
import type { Step, Story, Verdict } from '@sluice/proto/story.ts'

export function standingOfSeat(name: string, step: Step<Verdict>, story: Story): [label: string, color: string] {
  if (isSigned(story, name)) return ['Signed', 'teal.9']
  switch (step.at) {
    case 'done':
      return ['Not signed: rejects', 'red.8']
    case 'asked':
      return ['Reviewing', 'blue.8']
    case 'failed':
      return ['Failed', 'red.8']
    case 'paused':
      return ['Waits', 'attention']
    default:
      return ['Not asked yet', 'gray.7']
  }
}

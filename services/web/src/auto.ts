/** Gates of stories that were submitted without a person: approved by policy as they open, unless something blocks. */
import type { Log } from '@sluice/kit/log.ts'
import { record } from '@sluice/kit/record.ts'
import type { Envelope } from '@sluice/proto/event.ts'
import { GateApproved } from '@sluice/proto/events.ts'
import { blockingFindings } from '@sluice/proto/story/review.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { Stories } from './stories.ts'

/** The approval that is due, if one is. Caused by the gate: asked again it is the same event. */
export function autoApproval(story: Story, now: Date): Envelope | null {
  const { gate, submitted, id: storyId, projectId } = story
  if (story.status !== 'running' || !submitted.auto || !gate) return null
  // What stands in the way is for a person, whoever submitted the story.
  if (gate.unresolved.length > 0 || (gate.gate === 'review' && blockingFindings(story).length > 0)) return null
  const data = { gate: gate.gate, digest: gate.digest, by: 'auto' as const }
  return record({ type: GateApproved, source: 'web', projectId, storyId, cause: gate.event, data, now })
}

type AutoMeans = { log: Log; signal: AbortSignal; now: () => Date; stories(): Pick<Stories, 'get' | 'record'> }

/** To be called with every story that changed. A broker that is away is tried again until the gate is closed. */
export function approveAutomatically({ log, signal, now, stories }: AutoMeans): (story: Story) => void {
  const atWork = new Set<string>()

  async function approve(id: string): Promise<void> {
    for (;;) {
      const { story } = stories().get(id) ?? {}
      const due = story && !signal.aborted ? autoApproval(story, now()) : null
      if (!due) return
      await stories()
        .record(due)
        .catch((error: unknown) => log.warn({ err: error, story: id }, 'will be approved later'))
    }
  }

  return (story) => {
    if (atWork.has(story.id) || !autoApproval(story, now())) return
    atWork.add(story.id)
    void approve(story.id).finally(() => atWork.delete(story.id))
  }
}

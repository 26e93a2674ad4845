/** A reviewer that is a model: what its seats share. Each sees the commit, never how it came about. */

import { confirmJudged } from '@sluice/kit/confirm-judged.ts'
import { linesOf, problemOf, verdictOf } from '@sluice/kit/judgement.ts'
import { completed } from '@sluice/kit/outcome.ts'
import { guideContent } from '@sluice/kit/project-guide.ts'
import { promptFile } from '@sluice/kit/prompt.ts'
import { remembered } from '@sluice/kit/remembered.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { defineRole, type Role } from '@sluice/kit/role.ts'
import { changeOf } from '@sluice/kit/story-change.ts'
import { readingTools } from '@sluice/kit/tools/reading.ts'
import { commitSource } from '@sluice/kit/tools/source.ts'
import { Review, ReviewRequested } from '@sluice/proto/events.ts'
import { type Found, HandedIn } from './handed-in.ts'
import { LIMITS, type Limits, materialOf } from './material.ts'
import { promptFor } from './prompt.ts'
import { sinceLastRound } from './since.ts'
import { tooLarge } from './too-large.ts'

export type Reviewer = Role<typeof ReviewRequested, typeof Review.completed>

export type Seat = {
  /** The seat it is made for, and its prompt, `prompts/<name>.md`; it may sit in another. */
  name: string
  /** What every finding of this seat must say beside; a sentence when it does not. */
  demand?: (finding: Found) => string | null
  limits?: Limits
}

export function modelReviewer({ name, demand, limits = LIMITS }: Seat): Reviewer {
  const prompts = [`prompts/${name}.md`, 'prompts/every-seat.md']
  const system = prompts.map((file) => promptFile(import.meta.url, file)).join('\n\n')
  return defineRole({
    name,
    takes: ReviewRequested,
    gives: Review,
    uses: ['agent', 'memory'],

    async answer({ id: request, data, storyId = '' }, { source: seat, agent, memory, artifacts, run, signal }) {
      const { judged } = data
      const repository = await openRepository(data.repository.root)
      await confirmJudged(repository, judged)
      const touched = await changeOf(repository, judged, storyId)
      const material = await materialOf(repository, { judged, touched, limits })
      const open = data.earlier.filter((finding) => finding.seat === seat)
      const own = tooLarge(material, { seat, request, earlier: open })
      // What the host found only a person may dismiss: no model is asked about it.
      const earlier = open.filter((finding) => !finding.personOnly)
      const { lessons } = await remembered(memory, run, data)
      const since = data.round > 1 ? await sinceLastRound(repository, judged, { touched, storyId }) : null

      const { output } = await agent.run({
        system,
        prompt: [
          ...(await promptFor(data, { material, earlier, lessons, since }, artifacts)),
          ...(await guideContent(repository, judged.base)),
        ],
        tools: readingTools(commitSource(repository, judged.commit)),
        output: HandedIn,
        check: (judgement) =>
          problemOf(judgement, {
            ...{ earlier, demand },
            criteria: data.approved.requirements.criteria.map((c) => c.id),
            linesOf: (path) => linesOf(repository, judged, path),
          }),
        signal,
      })
      return completed({ seat, judged, ...verdictOf(output, { seat, request, earlier, own }) })
    },
  })
}

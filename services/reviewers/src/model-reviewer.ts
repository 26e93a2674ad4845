/** A reviewer that is a model: what its seats share. Each sees the commit, never how it came about. */
import { completed } from '@sluice/kit/outcome.ts'
import { promptFile } from '@sluice/kit/prompt.ts'
import { remembered } from '@sluice/kit/remembered.ts'
import { openRepository, type Repository } from '@sluice/kit/repository.ts'
import { defineRole, type Role } from '@sluice/kit/role.ts'
import { readingTools } from '@sluice/kit/tools/reading.ts'
import { commitSource } from '@sluice/kit/tools/source.ts'
import { Review, ReviewRequested } from '@sluice/proto/events.ts'
import type { Judged } from '@sluice/proto/parts.ts'
import { changeOf } from './change.ts'
import { confirmJudged } from './judged.ts'
import { type Found, Judgement, problemOf, verdictOf } from './judgement.ts'
import { LIMITS, type Limits, materialOf } from './material.ts'
import { promptFor } from './prompt.ts'
import { sinceLastRound } from './since.ts'
import { tooLarge } from './too-large.ts'

export type Reviewer = Role<typeof ReviewRequested, typeof Review.completed>

export type Seat = {
  /** The seat's name is that of its prompt, `prompts/<name>.md`. */
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

    async answer({ id: request, data, storyId = '' }, { agent, memory, artifacts, run, signal }) {
      const { judged } = data
      const repository = await openRepository(data.repository.root)
      await confirmJudged(repository, judged)
      const touched = await changeOf(repository, judged, storyId)
      const material = await materialOf(repository, { judged, touched, limits })
      const open = data.earlier.filter((finding) => finding.seat === name)
      const own = tooLarge(material, { seat: name, request, earlier: open })
      // What the host found only a person may dismiss: no model is asked about it.
      const earlier = open.filter((finding) => !finding.personOnly)
      const { lessons } = await remembered(memory, run, data)
      const since = data.round > 1 ? await sinceLastRound(repository, judged, { touched, storyId }) : null

      const { output } = await agent.run({
        system,
        prompt: await promptFor(data, { material, earlier, lessons, since }, artifacts),
        tools: readingTools(commitSource(repository, judged.commit)),
        output: Judgement,
        check: (judgement) =>
          problemOf(judgement, {
            ...{ earlier, demand },
            criteria: data.approved.requirements.criteria.map((c) => c.id),
            linesOf: (path) => linesOf(repository, judged, path),
          }),
        signal,
      })
      return completed({ seat: name, judged, ...verdictOf(output, { seat: name, request, earlier, own }) })
    },
  })
}

/** Of the file at head; at base where it is gone at head. */
async function linesOf(repository: Repository, { base, commit }: Judged, path: string): Promise<number | null> {
  const text = (await repository.readAt(commit, path)) ?? (await repository.readAt(base, path))
  return text === null ? null : text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

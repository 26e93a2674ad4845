/** The analyst: turns what a person asked for into criteria that can be checked. */

import { answerText } from '@sluice/kit/approved-text.ts'
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import { completed, paused } from '@sluice/kit/outcome.ts'
import { guideContent } from '@sluice/kit/project-guide.ts'
import { promptFile } from '@sluice/kit/prompt.ts'
import { recalledTexts, remembered } from '@sluice/kit/remembered.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { defineRole, type Recalled } from '@sluice/kit/role.ts'
import { start } from '@sluice/kit/start.ts'
import { readingTools } from '@sluice/kit/tools/reading.ts'
import { commitSource } from '@sluice/kit/tools/source.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import { Scope, ScopeRequested } from '@sluice/proto/events.ts'
import { Question, Requirements } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { requirementsDocument } from './document.ts'

const Scoped = z.object({ requirements: Requirements, questions: z.array(Question).max(3) })
type Scoped = z.infer<typeof Scoped>

const system = promptFile(import.meta.url)

export const analyst = defineRole({
  name: 'analyst',
  takes: ScopeRequested,
  gives: Scope,
  uses: ['agent', 'memory'],

  async answer({ data }, { agent, memory, artifacts, run, signal }) {
    const repository = await openRepository(data.repository.root)
    const recalled = await remembered(memory, run, data)

    const { output } = await agent.run({
      system,
      prompt: [
        { type: 'text', text: await promptFor(data, recalled, artifacts) },
        ...(await guideContent(repository, data.repository.commit)),
      ],
      tools: readingTools(commitSource(repository, data.repository.commit)),
      output: Scoped,
      check: problemOf,
      signal,
    })

    // No replica waits for a person: the run is parked, and asked for again once they have answered.
    if (output.questions.length > 0) return paused({ kind: 'questions', questions: output.questions })
    const { requirements } = output
    const text = requirementsDocument(requirements)
    const document = await artifacts.put(text, { name: 'requirements.md', mediaType: 'text/markdown' })
    return completed({ requirements, document })
  },
})

/** What a schema cannot say: numbered without gaps, each in EARS form, contradictions about criteria that exist. */
export function problemOf({ requirements: { criteria, contradictions } }: Scoped): string | null {
  const gap = criteria.find(({ id }, i) => id !== `C${i + 1}`)
  if (gap) return `Criteria are numbered C1, C2, … in their order; ${gap.id} is out of place.`
  const vague = criteria.find(({ text }) => !/\bshall\b/i.test(text))
  if (vague) return `${vague.id} is not in EARS form: it does not say what the system shall do.`
  const ids = new Set(criteria.map(({ id }) => id))
  const unknown = contradictions.flatMap((c) => c.criteria).find((id) => !ids.has(id))
  return unknown ? `A contradiction names ${unknown}, which is no criterion.` : null
}

async function promptFor(
  { text, answers, feedback, previous }: EventOf<typeof ScopeRequested>['data'],
  recalled: Recalled,
  artifacts: Artifacts,
): Promise<string> {
  const sections = [
    `<request>\n${text}\n</request>`,
    ...answers.map(answerText),
    // The comment speaks of criteria by their ids: without them nobody could tell which.
    ...(previous ? [`<requirements-so-far>\n${await artifacts.get(previous)}\n</requirements-so-far>`] : []),
    ...feedback.map((f) => `<sent-back at="${f.at}">\n${f.comment}\n</sent-back>`),
    ...recalledTexts(recalled),
  ]
  return sections.join('\n\n')
}

if (import.meta.main) await start(analyst)

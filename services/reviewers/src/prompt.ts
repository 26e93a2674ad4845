/** What a model that reviews is shown: the story, its own open findings, and material between marks that it cannot close. */

import type { Content } from '@sluice/kit/agent.ts'
import { approvedText } from '@sluice/kit/approved-text.ts'
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import { lessonText } from '@sluice/kit/remembered.ts'
import type { Lesson } from '@sluice/kit/role.ts'
import { sealed } from '@sluice/kit/sealed.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import type { ReviewRequested } from '@sluice/proto/events.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import type { Material } from './material.ts'

type Asked = EventOf<typeof ReviewRequested>['data']
export type Shown = { material: Material; earlier: readonly Finding[]; lessons: readonly Lesson[]; since: Since | null }
/** What the last round changed, where its commit is known. */
export type Since = { from: string; patch: string }

export async function promptFor(data: Asked, shown: Shown, artifacts: Artifacts): Promise<Content[]> {
  const { base, commit } = data.judged
  const { material, since } = shown
  return [
    await storyText(data, shown, artifacts),
    sealed('diff', { base, head: commit }, material.diff),
    ...(since ? [sealed('since-last-round', { from: since.from, head: commit }, since.patch)] : []),
    ...material.files.map(({ path, side, content }) => sealed('file', { path, side }, content)),
  ].map((text) => ({ type: 'text', text }))
}

async function storyText(data: Asked, shown: Shown, artifacts: Artifacts): Promise<string> {
  const { text, approved, answers, round } = data
  const plan = await artifacts.get(approved.architectureDocument)
  return [
    `<request>\n${text}\n</request>`,
    ...approvedText({ approved, answers }),
    `<plan>\n${plan}\n</plan>`,
    ...shown.lessons.map(lessonText),
    ...(round > 1 ? [`<round number="${round}">\n${laterRound}\n</round>`] : []),
    ...shown.earlier.map(earlierText),
    ...(shown.material.notShown.length > 0 ? [sealed('not-shown', {}, shown.material.notShown.join('\n'))] : []),
  ].join('\n\n')
}

const laterRound = `This commit was judged before and has been changed since. First say of each earlier finding below whether it is resolved.
Then judge what changed since the last round. Do not raise anything new about what was there last round and has not changed,
unless it is a blocking fault that was missed.`

const earlierText = ({ id, path = '', startLine, severity, claim, evidence }: Finding): string =>
  sealed('earlier-finding', { id, path, line: startLine ? String(startLine) : '', severity }, `${claim}\n${evidence}`)

/** What was asked and approved, as every role after the analyst is shown it: what one role may not do, the next must know too. */
import type { QuestionAnswer, Requirements } from '@sluice/proto/parts.ts'

export function approvedText({
  approved: { requirements },
  answers,
}: {
  approved: { requirements: Requirements }
  answers: readonly QuestionAnswer[]
}): string[] {
  const { userStories, criteria, outOfScope, assumptions, contradictions } = requirements
  return [
    ...section('user-stories', userStories),
    ...section(
      'criteria',
      criteria.map(({ id, text }) => `${id} ${text}`),
    ),
    ...section('out-of-scope', outOfScope),
    ...section('assumptions', assumptions),
    ...section(
      'known-contradictions',
      contradictions.map((c) => `${c.criteria.join(', ')}: ${c.problem}`),
    ),
    ...answers.map(answerText),
  ]
}

export const answerText = ({ text, answer }: QuestionAnswer): string =>
  `<answer question=${JSON.stringify(text)}>\n${answer}\n</answer>`

const section = (tag: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [`<${tag}>\n${lines.join('\n')}\n</${tag}>`] : []

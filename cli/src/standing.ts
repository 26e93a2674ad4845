/** What a story has on the table: documents by stage, criteria, verdicts and findings, as lines to read. */
import type { Artifact, Finding } from '@sluice/proto/parts.ts'
import { blockingFindings, verdicts } from '@sluice/proto/story/review.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import { table } from './table.ts'
import { paint, plain } from './terminal.ts'

export type Document = { stage: string; artifact: Artifact }

/** Every document and picture there is, in the order of the stages. */
export function documentsOf(story: Story): Document[] {
  const { scope, design, architecture, build } = story.steps
  const of = (stage: string, artifacts: (Artifact | undefined)[]): Document[] =>
    artifacts.flatMap((artifact) => (artifact ? [{ stage, artifact }] : []))
  const bundle = design.at === 'done' ? design.result.bundle : null
  return [
    ...(scope.at === 'done' ? of('scope', [scope.result.document]) : []),
    ...(design.at === 'done' ? of('design', [design.result.document]) : []),
    ...(bundle ? of('design', [bundle.html, ...bundle.pictures.map(({ artifact }) => artifact)]) : []),
    ...(architecture.at === 'done'
      ? of('architecture', [architecture.result.document, architecture.result.tasksDocument])
      : []),
    ...(build.at === 'done' ? of('implementation', [build.result.diff, build.result.recording]) : []),
    ...verdicts(story).flatMap(({ checks = [] }) =>
      of(
        'review',
        checks.map(({ log }) => log),
      ),
    ),
  ]
}

export function criteriaLines(story: Story): string[] {
  const scope = story.steps.scope.at === 'done' ? story.steps.scope.result : story.drafts.scope
  return table(scope?.requirements.criteria.map(({ id, text }) => [`  ${id}`, plain(text)]) ?? [])
}

export const verdictLines = (story: Story): string[] =>
  table(verdicts(story).map(({ seat, verdict, summary }) => [`  ${seat}`, verdict, plain(summary)]))

/** Open ones first: what stands in the way, then what was only said, then what is settled. */
export function findingLines(story: Story): string[] {
  const blocking = new Set(blockingFindings(story).map(({ id }) => id))
  const stateOf = ({ id }: Finding): string => {
    if (id in story.dismissed) return 'dismissed'
    if (blocking.has(id)) return 'blocks'
    return id in story.resolved ? 'resolved' : 'noted'
  }
  const order = ['blocks', 'noted', 'resolved', 'dismissed']
  return story.findings
    .map((finding) => ({ finding, state: stateOf(finding) }))
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
    .flatMap(({ finding, state }) => linesOf(finding, state, story.dismissed[finding.id]?.reason))
}

function linesOf({ path, startLine, seat, severity, claim, evidence }: Finding, state: string, reason = ''): string[] {
  const where = path ? ` ${plain(path)}${startLine ? `:${startLine}` : ''}` : ''
  const title = `  ${state === 'blocks' ? paint('red', state) : state} ${severity} ${seat}${where}`
  const more = state === 'blocks' ? plain(evidence) : plain(reason)
  return [title, `    ${plain(claim)}`, ...(more ? [`    ${more}`] : [])]
}

/** What a role waits to be told: by the id to answer with, and what it offers. */
export const questionLines = (story: Story): string[] =>
  stepsOf(story).flatMap(({ step }) =>
    step.at === 'paused' && step.waiting.kind === 'questions'
      ? step.waiting.questions.flatMap(({ id, text, choices = [] }) => [
          `  ${plain(id)}  ${plain(text)}`,
          ...choices.map((choice) => `      - ${plain(choice)}`),
        ])
      : [],
  )

/** What the plan is made of, at the architecture gate. */
export function taskLines(story: Story): string[] {
  const { architecture } = story.steps
  if (architecture.at !== 'done') return []
  return table(
    architecture.result.tasks.map(({ id, title, criteria }) => [`  ${id}`, criteria.join(' '), plain(title)]),
  )
}

export const changedLines = (story: Story): string[] =>
  story.steps.build.at === 'done'
    ? table(
        story.steps.build.result.files.map(({ path, additions, deletions }) => [
          `  ${plain(path)}`,
          `+${additions}`,
          `−${deletions}`,
        ]),
        { right: [1, 2], flexible: 0 },
      )
    : []

/** A heading over lines, and nothing where there are none. */
export const section = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? ['', paint('bold', title), ...lines] : []

/** What a fork takes from its parent: the documents the parent's gates let pass, each named by the parent's own events. Pure. */
import type { Inherited } from '@sluice/proto/events.ts'
import type { Step, Story } from '@sluice/proto/story.ts'
import { refuse } from '../refused.ts'

const DOCUMENTS = ['scope', 'design', 'architecture'] as const
export type ForkGate = (typeof DOCUMENTS)[number] | 'review'

/** Refuses a gate the parent has not passed, and review before anything was handed in. */
export function inheritedAt(story: Story, at: ForkGate): { inherits: Inherited; eventId: string } {
  const gates = at === 'review' ? DOCUMENTS : DOCUMENTS.slice(0, DOCUMENTS.indexOf(at) + 1)
  const missing = gates.find((gate) => !story.approvals[gate])
  if (missing)
    refuse(409, `The ${missing} of this story is not approved.`, `Approve it first, or fork at an earlier gate.`)

  const { scope, design, architecture, build } = story.steps
  const picked = {
    scope: resultOf(scope, ({ requirements, document }) => ({ requirements, document })),
    ...(gates.includes('design') ? { design: resultOf(design, ({ bundle, document }) => ({ bundle, document })) } : {}),
    ...(gates.includes('architecture')
      ? {
          architecture: resultOf(architecture, ({ document, tasksDocument, tasks }) => ({
            document,
            tasksDocument,
            tasks,
          })),
        }
      : {}),
    ...(at === 'review'
      ? { build: resultOf(build, ({ judged, summary, files, diff }) => ({ judged, summary, files, diff })) }
      : {}),
  }
  const approvals = Object.fromEntries(gates.map((gate) => [gate, story.approvals[gate] as NonNullable<unknown>]))
  const inherits = { at, approvals, answers: story.answers, ...picked } as Inherited
  const eventId = at === 'review' ? inherits.build?.event : story.approvals[at]?.event
  return { inherits, eventId: eventId ?? story.submitted.event }
}

type Told<R> = Extract<Step<R>, { at: 'done' }>

function resultOf<R extends { occupant: unknown }, T extends object>(step: Step<R>, pick: (result: R) => T) {
  if (step.at !== 'done')
    refuse(
      409,
      'What this fork is to begin with is being made anew just now.',
      'Wait for it, or fork at an earlier gate.',
    )
  const { event, request, since, result }: Told<R> = step
  return { event, request, occupant: result.occupant, at: since, ...pick(result) }
}

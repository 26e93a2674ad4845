/** Gates: approved, sent back, and what follows each on the story’s path. */
import type { Event } from '../events.ts'
import type { Policy } from '../parts.ts'
import type { Stage } from '../pipeline.ts'
import type { StepName, Story } from '../story.ts'
import { blockingFindings } from './review.ts'
import { begin } from './steps.ts'

const stageSteps: Partial<Record<string, StepName>> = {
  scope: 'scope',
  design: 'design',
  architecture: 'architecture',
  implementation: 'build',
}

/** The step that follows a stage on this story's path. */
export function stepAfter(policy: Policy, stage: Stage): StepName {
  const next = policy.path[policy.path.indexOf(stage) + 1]
  const step = next === undefined ? undefined : stageSteps[next]
  if (!step) throw new Error(`The path ${policy.path.join(' → ')} does not say what follows ${stage}.`)
  return step
}

export const afterScope = (policy: Policy): StepName => stepAfter(policy, 'scope')

export function approved(story: Story, event: Event & { type: 'gate.approved' }): Story {
  const { gate } = story
  if (!gate || gate.gate !== event.data.gate || gate.digest !== event.data.digest) return story
  if (gate.gate === 'review' && blockingFindings(story).length > 0) return story

  const approval = { digest: gate.digest, by: event.data.by, event: event.id, at: event.time }
  const approvals = { ...story.approvals, [gate.gate]: approval }
  const open = { ...heard(story, event, `approved ${gate.gate}`), gate: null, approvals }
  if (gate.gate === 'review') return begin({ ...open, sincePerson: 0 }, 'rebase', event)
  // After scope comes `policy.frozen`, which begins the next stage.
  return gate.gate === 'scope' ? open : begin(open, stepAfter(story.policy, gate.gate as Stage), event)
}

/** What a person says beside a decision is for whoever works next, as if they had been asked. */
export function heard(story: Story, event: Event & { data: { comment?: string | undefined } }, when: string): Story {
  const { comment } = event.data
  if (!comment) return story
  const said = { id: event.id, text: `What did you say when you ${when}?`, answer: comment }
  return { ...story, answers: [...story.answers, said] }
}

export function rejected(story: Story, event: Event & { type: 'gate.rejected' }): Story {
  const { gate } = story
  if (!gate || gate.gate !== event.data.gate || gate.digest !== event.data.digest) return story

  const name = gate.gate === 'review' ? 'build' : (gate.gate as StepName)
  const feedback = [...(story.feedback[name] ?? []), { comment: event.data.comment, at: event.time, cause: event.id }]
  const back = {
    ...story,
    gate: null,
    sincePerson: 0,
    drafts: draftsOf(story),
    feedback: { ...story.feedback, [name]: feedback },
  }
  return begin(back, name, event)
}

function draftsOf(story: Story): Story['drafts'] {
  const { scope, design, architecture } = story.steps
  return {
    ...story.drafts,
    ...(scope.at === 'done' ? { scope: scope.result } : {}),
    ...(design.at === 'done' ? { design: design.result } : {}),
    ...(architecture.at === 'done' ? { architecture: architecture.result } : {}),
  }
}

export function dismissed(story: Story, data: { findingId: string; reason: string; by: string }): Story {
  const finding = story.findings.find((f) => f.id === data.findingId)
  if (!finding || (finding.personOnly && data.by !== 'person')) return story
  return { ...story, dismissed: { ...story.dismissed, [finding.id]: { reason: data.reason, by: data.by } } }
}

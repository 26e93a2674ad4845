/** The steps of a story: owed, asked, done; whose work each is, and what each cost. */
import type { EventId, Instant } from '../event.ts'
import type { Event } from '../events.ts'
import { addUsage, noUsage, type Usage, type Waiting, type Words } from '../parts.ts'
import { carriedBy } from '../steering.ts'
import type { Step, StepName, Steps, Story, Verdict } from '../story.ts'

const stepNames: readonly StepName[] = ['scope', 'design', 'architecture', 'build', 'rebase', 'land']

export const roles: Record<StepName, string> = {
  scope: 'analyst',
  design: 'designer',
  architecture: 'architect',
  build: 'implementer',
  rebase: 'releaser',
  land: 'releaser',
}

export const nounOf = (name: StepName) => (name === 'rebase' || name === 'land' ? 'release.' : `${name}.`)

export const owed = (event: Pick<Event, 'id' | 'time'>) => ({ at: 'owed', cause: event.id, since: event.time }) as const

export const failedStep = (request: EventId, reason: string, since: Instant, parked = false) =>
  ({ at: 'failed', request, reason, parked, since }) as const

export const isPausedFor = (
  step: Step<unknown>,
  kind: Waiting['kind'],
): step is Extract<Step<unknown>, { at: 'paused' }> => step.at === 'paused' && step.waiting.kind === kind

export function setStep<N extends StepName>(story: Story, name: N, step: Steps[N]): Story {
  return { ...story, steps: { ...story.steps, [name]: step } }
}

export const begin = (story: Story, name: StepName, event: Event): Story => setStep(story, name, owed(event))

/** A round follows a finished build when the review sends it back; landing follows the checks of the landing tree. */
const askable: Record<StepName, readonly Step<unknown>['at'][]> = {
  scope: ['owed'],
  design: ['owed'],
  architecture: ['owed'],
  build: ['owed', 'done'],
  rebase: ['owed'],
  land: ['owed', 'idle'],
}

export function asked(
  story: Story,
  name: StepName,
  event: Event & { data: { deadline: Instant; steered?: Record<string, Words[]> | undefined } },
): Story {
  if (!askable[name].includes(story.steps[name].at)) return story
  return setStep({ ...story, words: carriedBy(story.words, event) }, name, {
    at: 'asked',
    request: event.id,
    deadline: event.data.deadline,
    since: event.time,
  })
}

export function done(
  story: Story,
  name: 'scope' | 'design' | 'architecture',
  event: Event & { data: { request: EventId; usage: Usage } },
): Story {
  const step = story.steps[name]
  if (step.at !== 'asked' || step.request !== event.data.request) return story
  const result = { at: 'done', request: step.request, event: event.id, result: event.data, since: event.time }
  // The caller's switch pairs the step's name with its own event type.
  return spent(setStep(story, name, result as Steps[typeof name]), event)
}

export const spent = (story: Story, { source, data }: Event & { data: { usage: Usage } }): Story =>
  spentBy(story, source, data.usage)

export function spentBy(story: Story, role: string, usage: Usage): Story {
  const by = story.usageBy[role] ?? noUsage
  return {
    ...story,
    usage: addUsage(story.usage, usage),
    usageBy: { ...story.usageBy, [role]: addUsage(by, usage) },
  }
}

export function stepAsking(story: Story, request: EventId): StepName | undefined {
  return stepNames.find((name) => {
    const step = story.steps[name]
    return step.at === 'asked' && step.request === request
  })
}

export function resume(
  story: Story,
  event: Event,
  is: (step: Step<unknown> & { request?: EventId }) => boolean,
): Story {
  const again = <R>(step: Step<R>): Step<R> => {
    if (!is(step)) return step
    const goesOn = step.at === 'paused' && step.waiting.kind !== 'checkout'
    return { ...owed(event), ...(goesOn ? { continues: step.request } : {}) }
  }
  const { scope, design, architecture, build, rebase, land } = story.steps
  const steps = {
    scope: again(scope),
    design: again(design),
    architecture: again(architecture),
    build: again(build),
    rebase: again(rebase),
    land: again(land),
  }
  return { ...story, steps, seats: mapSeats(story, again) }
}

export function mapSeats(story: Story, f: (seat: Step<Verdict>, name: string) => Step<Verdict>): Story['seats'] {
  return Object.fromEntries(Object.entries(story.seats).map(([name, seat]) => [name, f(seat, name)]))
}

/** All steps and seats with their names and whose work they are, for whoever lists or waits. */
export function stepsOf(story: Story): { name: string; role: string; step: Step<unknown> }[] {
  const seats = Object.entries(story.seats).map(([seat, step]) => ({ name: `review:${seat}`, role: seat, step }))
  return [
    ...stepNames.map((name) => ({ name: name as string, role: roles[name], step: story.steps[name] as Step<unknown> })),
    ...seats,
  ]
}

/** Open requests of a story with who has them; a review's once for each seat. */
export function openRequests(story: Story): { request: EventId; deadline: Instant; role: string }[] {
  return stepsOf(story).flatMap(({ role, step }) =>
    step.at === 'asked' ? [{ request: step.request, deadline: step.deadline, role }] : [],
  )
}

/** A person’s hand in the work: held, stopped, taken, given back, shown something. */
import type { Event } from '../events.ts'
import { noUsage, type Waiting } from '../parts.ts'
import { attachedText, type Hold, returnedText, spoken } from '../steering.ts'
import type { Step, Story, Verdict } from '../story.ts'
import { pausedStep } from './answers.ts'
import { begin, isPausedFor, resume, roles, setStep, spentBy, stepAsking, stepsOf } from './steps.ts'

/** A person may say that it goes on: what it waited for is mended, or was never in the way. */
export const mendable: readonly Waiting['kind'][] = ['account', 'checkout', 'limit', 'stuck']

/** A word beside the retry breaks the circle only if it is said in the very conversation that goes round. */
export function toldWhoIsStuck(story: Story, event: Event & { data: { comment?: string | undefined } }): Story | null {
  const { comment } = event.data
  const stuck = stepsOf(story).find(({ step }) => isPausedFor(step, 'stuck'))
  if (!comment || !stuck) return null
  const words = { id: event.id, at: event.time, text: comment, role: stuck.role, heard: null }
  return { ...story, words: [...story.words, words] }
}

export const holdBy = (event: Pick<Event, 'id' | 'time'>, why: Hold['why']): Hold => ({
  ...{ why, event: event.id, since: event.time, lent: null },
})

export const letGo = (story: Story, event: Event): Story =>
  resume({ ...story, hold: null }, event, (step) => isPausedFor(step, 'person'))

/** As if it had parked itself: what it did stays, and whoever goes on does so from its journal. */
export function takenAway(story: Story, event: Event & { type: 'run.stopped' }): Story {
  const { request, role } = event.data
  const waiting = { kind: 'person', why: story.hold?.why ?? 'stopped' } as const
  const step = pausedStep(story, { ...event, data: { ...event.data, waiting } } as never)
  const paid = spentBy(story, role, event.data.usage ?? noUsage)
  const away = { ...paid, stopped: [...story.stopped, { request, role }] }
  const seat = story.seats[role]
  if (seat?.at === 'asked' && seat.request === request)
    return { ...away, seats: { ...story.seats, [role]: step as Step<Verdict> } }
  const name = stepAsking(story, request)
  return name && roles[name] === role ? setStep(away, name, step) : story
}

export function attached(story: Story, event: Event & { type: 'story.attached' }): Story {
  const { attachments, words } = event.data
  const said = { ...event, data: { text: attachedText(attachments, words), attachments, by: event.data.by } }
  return { ...story, attachments: [...story.attachments, ...attachments], words: [...story.words, spoken(said)] }
}

/** What was parked goes on and is told what the person did; what was finished or had failed is begun again where they did something. */
export function returned(story: Story, event: Event & { type: 'worktree.returned' }): Story {
  if (story.hold?.why !== 'taken') return story
  const { files, words, done, by } = event.data
  const freed = letGo(story, event)
  if (done) {
    const handIn = { summary: words ?? 'Done by hand.' }
    return begin({ ...freed, gate: null, handIn }, 'build', event)
  }
  const { build } = story.steps
  if (build.at === 'done' && files.length === 0 && !words) return freed
  const text = returnedText(event.data)
  const told = { ...freed, words: [...freed.words, spoken({ ...event, data: { text, role: roles.build, by } })] }
  return build.at === 'done' || build.at === 'failed'
    ? begin({ ...told, gate: null, sincePerson: 0 }, 'build', event)
    : told
}

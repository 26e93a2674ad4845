/** What a board shows of a story, and what the story stands still for, in words: the same on page, command line and REST. */
import type { Instant } from './event.ts'
import type { Choices, Waiting } from './parts.ts'
import type { Card } from './rest.ts'
import type { Hold } from './steering.ts'
import { resetOf } from './story/lines.ts'
import { blockingFindings } from './story/review.ts'
import { stageOf } from './story/stage.ts'
import { stepsOf } from './story/steps.ts'
import type { Step, Story } from './story.ts'

/** One thing a story stands still for. `kind` says what would set it going again. */
export type Wait = {
  kind:
    | 'gate'
    | 'questions'
    | 'permission'
    | 'budget'
    | 'limit'
    | 'stuck'
    | 'account'
    | 'checkout'
    | 'person'
    | 'failed'
    | 'slot'
    | 'turn'
  text: string
  /** It is the person it waits for, not another story. */
  person: boolean
  since: Instant
}

export function cardOf(story: Story, sequence: number): Card {
  const waits = waitsOf(story)
  const working = workingOn(story)
  const chosen = chosenText(story.submitted.choices)
  return {
    id: story.id,
    projectId: story.projectId,
    title: clipped(titleOf(story), TITLE_BYTES),
    stage: stageOf(story),
    status: story.status,
    waitingFor: waits.length > 0 ? clipped(waits.map((wait) => wait.text).join(' '), WAITING_BYTES) : null,
    needsPerson: waits.some((wait) => wait.person),
    ...wantsOf(story, waits),
    working,
    round: story.round,
    usage: story.usage,
    budgetUsd: story.budgetUsd,
    auto: story.submitted.auto === true,
    ...(story.hold && { held: story.hold.lent ? ('lent' as const) : story.hold.why }),
    ...(story.submitted.parent && { parent: story.submitted.parent.storyId }),
    ...(chosen && { chosen: clipped(chosen, CHOSEN_BYTES) }),
    submitted: story.submitted.at,
    updated: story.updated,
    commit: story.shipped?.commit ?? null,
    sequence,
  }
}

/** A card stays under 2 kB, whatever an agent asks: the story's own page shows all of it. */
const TITLE_BYTES = 300
const WAITING_BYTES = 700
const CHOSEN_BYTES = 160

const utf8 = new TextEncoder()

function clipped(text: string, bytes: number): string {
  // JSON writes some characters longer than they are.
  if (utf8.encode(JSON.stringify(text)).length <= bytes + 2) return text
  const letters = [...text].slice(0, bytes)
  while (utf8.encode(JSON.stringify(letters.join(''))).length > bytes - 1)
    letters.splice(-Math.ceil(letters.length / 16))
  return `${letters.join('').trimEnd()}…`
}

/** What stopped in the middle of work comes before a gate: nobody goes on without it. */
function wantsOf(story: Story, waits: readonly Wait[]): Pick<Card, 'wants'> {
  const wait = waits.find(({ kind, person }) => person && kind !== 'gate') ?? waits.find(({ person }) => person)
  if (!wait || wait.kind === 'slot' || wait.kind === 'turn') return {}
  const gate = wait.kind === 'gate' && story.gate ? { gate: story.gate.gate } : {}
  return { wants: { kind: wait.kind, ...gate, since: wait.since } }
}

/** What roles work with, in words: once for all of them if they are to work with the same. */
export function chosenText(choices: Choices = {}): string {
  const wishes = Object.entries(choices).map(([role, { engine, model, effort }]) => ({
    role,
    what: [engine, model, effort].filter(Boolean).join(' '),
  }))
  const alike = wishes.length > 1 && new Set(wishes.map(({ what }) => what)).size === 1
  return alike ? (wishes[0]?.what ?? '') : wishes.map(({ role, what }) => `${role}: ${what}`).join(', ')
}

/** The analyst's title once there is one; a fork's own. */
export const titleOf = ({ steps, drafts, submitted }: Story): string =>
  steps.scope.at === 'done' && !submitted.inherits
    ? steps.scope.result.requirements.title
    : (drafts.scope?.requirements.title ?? submitted.title)

/** Roles and seats that have a request of this story in hand. */
export const workingOn = (story: Story): string[] =>
  story.status === 'running' ? stepsOf(story).flatMap(({ role, step }) => (step.at === 'asked' ? [role] : [])) : []

/** Everything it stands still for, the person's own first; nothing once it has ended. */
export function waitsOf(story: Story): Wait[] {
  if (story.status !== 'running') return []
  const waits = [
    ...holdWait(story),
    ...gateWait(story),
    ...stepsOf(story).flatMap(({ name, role, step }) => stepWait(name, role, step)),
  ]
  return waits.sort((a, b) => Number(b.person) - Number(a.person))
}

/** Once for the story, whoever of it has parked. */
function holdWait({ hold, steps, seats }: Story): Wait[] {
  if (!hold) return []
  const busy = [...Object.values(steps), ...Object.values(seats)].some(({ at }) => at === 'asked')
  return [{ kind: 'person', text: holdText(hold, busy), person: true, since: hold.since }]
}

function holdText({ why, lent }: Hold, busy: boolean): string {
  if (lent) return `You have its worktree: ${lent.path}. Hand it back when you are done.`
  if (why === 'taken') return 'You take its worktree over: whoever works there puts its tools down first.'
  if (why === 'stopped') return 'Stopped by you: say what is to change, resume it, or cancel.'
  return busy ? 'Pauses after what it is doing now.' : 'Paused by you: resume it, and it goes on where it stood.'
}

function gateWait(story: Story): Wait[] {
  const { gate } = story
  if (!gate) return []
  const blocking = gate.gate === 'review' ? blockingFindings(story).length : 0
  const text =
    blocking > 0
      ? `${blocking} ${blocking === 1 ? 'finding stands' : 'findings stand'} in the way: decide.`
      : `Approve ${gate.gate} or send it back.`
  return [{ kind: 'gate', text, person: true, since: gate.since }]
}

function stepWait(name: string, role: string, step: Step<unknown>): Wait[] {
  if (step.at === 'paused' && step.waiting.kind === 'person') return []
  if (step.at === 'paused') {
    // What goes on by itself needs nobody, though a person may be faster; a day's line is theirs to move all the same.
    const person = step.waiting.kind !== 'limit' || resetOf(step.waiting) === null
    return [{ kind: step.waiting.kind, text: waitingText(step.waiting, role), person, since: step.since }]
  }
  if (step.at === 'failed')
    return [{ kind: 'failed', text: `${role} failed: ${firstLine(step.reason)}`, person: true, since: step.since }]
  if (step.at !== 'owed') return []
  if (name === 'build')
    return [{ kind: 'slot', text: 'Waits for a free build slot.', person: false, since: step.since }]
  return name === 'rebase' || name === 'land'
    ? [{ kind: 'turn', text: 'Waits for its merge turn.', person: false, since: step.since }]
    : []
}

const usd = (amount: number): string => `$${amount.toFixed(2)}`

/** What would set a parked run going again. */
export function waitingText(waiting: Waiting, role: string): string {
  switch (waiting.kind) {
    case 'questions':
      return `${role} asks: ${waiting.questions.map((q) => q.text).join(' ')}`
    case 'permission':
      return `${role} asks whether it may: ${waiting.permissions.map(({ title }) => title).join('; ')}`
    case 'budget':
      return budgetText(waiting)
    case 'limit':
      return waiting.wake
        ? `${waiting.problem} Goes on by itself at ${utc(waiting.resetsAt)}.`
        : `${waiting.problem} Retry at ${utc(waiting.resetsAt)}.`
    case 'stuck':
      return `${role} goes round in circles: ${waiting.saw} Retry lets it go on, with a word from you if you like.`
    case 'account':
      return `${waiting.problem} Mend it, then retry.`
    case 'person':
      return `${role} is parked until you let it go on.`
    case 'checkout':
      return `${waiting.problem} Commit or stash ${waiting.files.join(', ') || 'your changes'} in ${waiting.path}, then retry.`
  }
}

/** To the minute: `2026-01-31 14:05 UTC`. */
const utc = (at: Instant): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** Which line stopped it, and what moves it. */
export function budgetText(waiting: Extract<Waiting, { kind: 'budget' }>): string {
  const { line = 'hard', of = '', spentUsd, neededUsd, budgetUsd, at = budgetUsd, spent = spentUsd, resetsAt } = waiting
  const next = `the next call may cost ${usd(neededUsd)}`
  switch (line) {
    case 'soft':
      return `Soft line: ${usd(spent)} spent, past ${usd(at)} of ${usd(budgetUsd)}. Go on, raise it, or cancel.`
    case 'hard':
      return `Budget: ${usd(spentUsd)} of ${usd(budgetUsd)} spent, ${next}. Raise it, or cancel.`
    case 'tokens':
      return `Tokens: ${Math.round(spent)} of ${at} used. Raise the line, or cancel.`
    case 'day':
      return `Today's line: ${usd(spent)} of ${usd(at)} spent, ${next}. Goes on ${resetsAt ? `at ${utc(resetsAt)}` : 'tomorrow'}, or raise it.`
    default:
      return `Line of ${of}: ${usd(spent)} of ${usd(at)} spent, ${next}. Raise it, or cancel.`
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text

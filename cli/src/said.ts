/** An event in a few words: what a line about it says beside its type and source. */
import type { Event } from '@sluice/proto/events.ts'
import type { Occupant } from '@sluice/proto/parts.ts'
import { plain } from './terminal.ts'
import { usd } from './units.ts'

/** Of whom it is: a role, a seat, or who decided at the gate. */
export function whoSaid(event: Event): string {
  return 'by' in event.data ? event.data.by : event.source
}

export function said(event: Event): string {
  switch (event.type) {
    case 'story.submitted':
    case 'scope.requested':
      return quoted(event.data.title)
    case 'gate.opened':
      return `${event.data.gate} ${event.data.digest.slice(0, 12)}`
    case 'gate.approved':
      return `${event.data.gate} by ${event.data.by}`
    case 'gate.rejected':
      return `${event.data.gate}: ${quoted(event.data.comment)}`
    case 'finding.dismissed':
      return quoted(event.data.reason)
    case 'question.answered':
      return event.data.answers.map(({ answer }) => quoted(answer)).join(' ')
    case 'permission.answered': {
      const { allow, forStory, reason } = event.data.decided
      const what = `${allow ? 'allowed' : 'not allowed'}${forStory ? ' for this story' : ''}`
      return reason ? `${what}: ${quoted(reason)}` : what
    }
    case 'budget.raised':
      return `to ${usd(event.data.budgetUsd)}`
    case 'build.requested':
      return event.data.findings.length > 0
        ? `round ${event.data.round}, ${count(event.data.findings.length, 'finding')} to mend`
        : `round ${event.data.round}`
    case 'review.requested':
      return `${event.data.landing ? 'the tree that lands' : `round ${event.data.round}`}: ${event.data.seats.join(', ')}`
    case 'release.requested':
      return event.data.do
    case 'scope.completed':
      return `${quoted(event.data.requirements.title)}, ${count(event.data.requirements.criteria.length, 'criterion', 'criteria')}`
    case 'design.completed':
      return count(event.data.bundle.pictures.length, 'picture')
    case 'architecture.completed':
      return count(event.data.tasks.length, 'task')
    case 'build.completed':
      return `${event.data.judged.commit.slice(0, 12)}, ${count(event.data.files.length, 'file')}`
    case 'review.completed':
      return `${event.data.verdict}, ${count(event.data.findings.length, 'finding')}${strangerIn(event.data)}`
    case 'release.completed':
      return released(event.data.result)
    case 'merge.started':
    case 'merge.completed':
      return `${event.data.branch} ${event.data.from.slice(0, 12)} → ${event.data.to.slice(0, 12)}`
    case 'story.shipped':
      return event.data.commit.slice(0, 12)
    case 'story.cancelled':
      return quoted(event.data.reason)
    case 'run.steered':
      return `${event.data.role ? `to ${event.data.role}: ` : ''}${quoted(event.data.text)}`
    case 'run.heard':
      return `by ${event.data.role}`
    case 'story.attached':
      return event.data.attachments.map(({ name }) => plain(name)).join(', ')
    case 'story.paused':
      return event.data.now ? 'at once' : ''
    case 'run.stopped':
      return `${event.data.role}: ${quoted(event.data.reason)}`
    case 'worktree.lent':
      return plain(event.data.path)
    case 'worktree.returned':
      return `${count(event.data.files.length, 'file')} changed${event.data.done ? ', handed in as the build' : ''}`
    case 'message.parked':
      return quoted(event.data.reason)
    default:
      return saidOfTheRest(event)
  }
}

function saidOfTheRest({ data }: Event): string {
  if ('waiting' in data) return `waits for ${data.waiting.kind}`
  return 'reason' in data && data.reason ? quoted(data.reason) : ''
}

function released(result: Extract<Event, { type: 'release.completed' }>['data']['result']): string {
  if (result.kind === 'rebased') return `rebased to ${result.judged.commit.slice(0, 12)}`
  if (result.kind === 'landed') return `landed ${result.commit.slice(0, 12)}`
  return result.kind === 'moved' ? 'the base moved' : `conflict in ${result.files.map(plain).join(', ')}`
}

const quoted = (text: string): string => `“${plain(text).slice(0, 200)}”`

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** Whoever sits in a seat that is not made by us. */
function strangerIn({ seat, occupant }: { seat: string; occupant: Occupant }): string {
  return [seat, 'sluice'].includes(occupant.program) ? '' : `, by ${plain(occupant.program)}`
}

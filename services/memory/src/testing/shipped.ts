/** A whole story as it is recorded: the released one of the corpus, with words, files and names of a test's own. */
import { readFileSync } from 'node:fs'
import type { Event } from '@sluice/proto/events.ts'

export type Telling = {
  storyId: string
  projectId?: string
  title: string
  text: string
  criterion?: string
  task?: string
  done?: string
  files?: string[]
  found?: string
  mended?: string
  /** What is on the base in the end. */
  commit?: string
}

const corpus = readFileSync(new URL('../../../../proto/corpus/0.1-story.jsonl', import.meta.url), 'utf8').trim()
const eventIds = corpus.split('\n').map((line) => (JSON.parse(line) as Event).id)

/** From `story.submitted` to `story.shipped`, every id its own. */
export function logOf(telling: Telling): Event[] {
  const ownIds = eventIds.reduce((text, id) => text.replaceAll(id, `${id.slice(0, 12)}-${telling.storyId}`), corpus)
  return ownIds.split('\n').map((line) => told(JSON.parse(line) as Event, telling))
}

function told(event: Event, telling: Telling): Event {
  const own = { ...event, storyId: telling.storyId, projectId: telling.projectId ?? 'p1' }
  switch (own.type) {
    case 'story.submitted':
      return { ...own, data: { ...own.data, title: telling.title, text: telling.text } }
    case 'scope.completed': {
      const criteria = [{ id: 'C1', text: telling.criterion ?? 'It shall be so.' }]
      return {
        ...own,
        data: { ...own.data, requirements: { ...own.data.requirements, title: telling.title, criteria } },
      }
    }
    case 'architecture.completed': {
      const tasks = own.data.tasks.map((task) => ({ ...task, title: telling.task ?? task.title }))
      return { ...own, data: { ...own.data, tasks } }
    }
    case 'build.completed': {
      const files = (telling.files ?? []).map((path) => ({ path, additions: 1, deletions: 0 }))
      return { ...own, data: { ...own.data, summary: telling.done ?? 'It is so.', files } }
    }
    case 'review.completed':
      return own.source === 'security' ? { ...own, data: reviewed(own.data, telling) } : own
    case 'story.shipped':
      return { ...own, data: { ...own.data, commit: telling.commit ?? own.data.commit } }
    default:
      return own
  }
}

type Reviewed = (Event & { type: 'review.completed' })['data']

/** The first round of security finds something, the second says that it is mended. */
function reviewed(data: Reviewed, telling: Telling): Reviewed {
  if (data.verdict === 'reject')
    return { ...data, findings: data.findings.map((f) => ({ ...f, claim: telling.found ?? f.claim })) }
  const findingId = `f-${eventIds.map((id) => `${id.slice(0, 12)}-${telling.storyId}`)[reviewAt]}`
  return { ...data, earlier: [{ findingId, resolved: true, note: telling.mended ?? 'Gone.' }] }
}

/** The request whose review found something: its id is the finding's. */
const reviewAt = corpus.split('\n').findIndex((line) => (JSON.parse(line) as Event).type === 'review.requested')

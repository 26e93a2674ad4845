/** What a person does to a story at work: words that reach an agent, a hold on all that is asked, its worktree in their own hands. Pure. */
import type { EventId, EventOf, Instant } from './event.ts'
import type { RunHeard, RunSteered, WorktreeReturned } from './events.ts'
import type { Artifact, Rewound, Words } from './parts.ts'
import type { Story } from './story.ts'

/** Words of a person, and who has them: `role` null is whoever works next. */
export type Spoken = Words & { role: string | null; heard: { role: string; request: EventId; at: Instant } | null }

/** Nothing new is asked; who works is told to put its tools down. `lent`: the worktree is the person's, who has it to themselves. */
export type Hold = {
  why: 'paused' | 'stopped' | 'taken'
  event: EventId
  since: Instant
  lent: Lent | null
}
export type Lent = { path: string; commit: string; tree: string }

export function spoken(event: Pick<EventOf<typeof RunSteered>, 'id' | 'time' | 'data'>): Spoken {
  const { text, attachments, role = null } = event.data
  return { id: event.id, at: event.time, text, ...(attachments && { attachments }), role, heard: null }
}

/** The first to have them keeps them: what was for whoever works next is then for that role. */
export const heardBy = (
  words: readonly Spoken[],
  { data, time }: Pick<EventOf<typeof RunHeard>, 'data' | 'time'>,
): Spoken[] =>
  words.map((one) => {
    if (one.id !== data.words || one.heard) return one
    return { ...one, role: one.role ?? data.role, heard: { role: data.role, request: data.request, at: time } }
  })

/** What a request carries is with that role: the request is as durable as the words. */
export function carriedBy(
  words: readonly Spoken[],
  event: { id: EventId; time: Instant; data: { steered?: Record<string, Words[]> | undefined } },
): readonly Spoken[] {
  const { steered = {} } = event.data
  const roleOf = new Map(Object.entries(steered).flatMap(([role, all]) => all.map(({ id }) => [id, role] as const)))
  if (roleOf.size === 0) return words
  return words.map((one) => {
    const role = roleOf.get(one.id)
    if (!role || one.heard) return one
    return { ...one, role: one.role ?? role, heard: { role, request: event.id, at: event.time } }
  })
}

/** All that was said to this role, oldest first, and what is for whoever works next: a conversation that begins anew must know it too. */
export const wordsFor = (story: Pick<Story, 'words'>, role: string): Words[] =>
  story.words
    .filter((one) => one.role === role || one.role === null)
    .map(({ id, text, attachments, at }) => ({ id, text, at, ...(attachments && { attachments }) }))

/** As the implementer is told of what the person did in its worktree. */
export function returnedText({ files, words }: EventOf<typeof WorktreeReturned>['data']): string {
  const changed =
    files.length > 0
      ? `While I had the worktree I changed these files:\n${files.map((f) => `- ${f.path} (+${f.additions} −${f.deletions})`).join('\n')}\nRead them again before you go on, and keep what I did.`
      : 'I had the worktree and changed nothing in it.'
  return words ? `${changed}\n\n${words}` : changed
}

/** As the implementer is told that the files it knows are not the files there are. */
export function rewoundText({ n, files }: Rewound): string {
  const what = files
    ? `these files back to what they were at checkpoint ${n}:\n${files.map((f) => `- ${f}`).join('\n')}`
    : `all files back to what they were at checkpoint ${n}.`
  return `I took ${what}\nWhat you did in them since is not there any more. Read them again before you go on.`
}

export const attachedText = (attachments: readonly Artifact[], words?: string): string =>
  [`I attached ${attachments.map(({ name }) => name).join(', ')} to the story.`, words].filter(Boolean).join('\n\n')

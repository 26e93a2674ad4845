/** What runs wrote for people, without the conversation itself. Pure. */
import type { Entry, SessionEntry, StartedEntry } from '@sluice/kit/run.ts'
import type { StoryRun } from '@sluice/kit/runs.ts'
import { Artifact, PermissionAsked } from '@sluice/proto/parts.ts'
import type { RunView } from '@sluice/proto/rest.ts'
import { TodoItem } from '@sluice/proto/todo.ts'
import { z } from 'zod'

export const runViews = (runs: readonly StoryRun[]): RunView[] =>
  runs.flatMap(({ source, runId, entries }) => {
    const [first] = entries
    if (!first) return []
    const { choice } = (entries.findLast(({ kind }) => kind === 'started')?.data ?? {}) as Partial<StartedEntry>
    const session = entries.findLast(({ kind }) => kind === 'session')?.data as SessionEntry | undefined
    return [
      {
        ...{ runId, source, started: first.at },
        attempts: new Set(entries.map(({ attempt }) => attempt)).size,
        occupant: session?.occupant ?? null,
        ...(session?.jail && { jail: session.jail }),
        ...(choice && { choice }),
        notes: entries.flatMap(noteOf),
        ...pendingIn(entries),
        ...recordingsIn(entries),
      },
    ]
  })

const Permission = z.looseObject({
  ...{ type: z.literal('permission'), state: z.enum(['asked', 'decided']), permission: PermissionAsked },
})

/** Asked by this very attempt and not answered: what one before had asked died with it. */
function pendingIn(entries: readonly Entry[]): Pick<RunView, 'permissions'> {
  const begun = entries.findLastIndex(({ kind }) => kind === 'started')
  const isOver = entries.some(({ kind }, i) => i > begun && /^(answer|failure|stopped)$/.test(kind))
  const open = new Map<string, PermissionAsked>()
  for (const { data } of isOver ? [] : entries.slice(begun)) {
    const said = Permission.safeParse(data).data
    if (said?.state === 'asked') open.set(said.permission.id, said.permission)
    else if (said) open.delete(said.permission.id)
  }
  return open.size > 0 ? { permissions: [...open.values()] } : {}
}

const Recorded = z.looseObject({ type: z.literal('recording'), recording: Artifact })

function recordingsIn(entries: readonly Entry[]): Pick<RunView, 'recordings'> {
  const recordings = entries.flatMap(({ kind, data }) =>
    kind === 'note' ? (Recorded.safeParse(data).data?.recording ?? []) : [],
  )
  return recordings.length > 0 ? { recordings } : {}
}

const Note = z.looseObject({
  type: z.string().optional(),
  text: z.string(),
  state: z.string().optional(),
  ok: z.boolean().optional(),
  tool: z.string().optional(),
  callId: z.string().optional(),
  exitCode: z.number().nullish(),
  items: z.array(TodoItem).optional().catch(undefined),
  log: Artifact.optional().catch(undefined),
})

function noteOf({ kind, at, attempt, data }: Entry): RunView['notes'] {
  const say = (as: string, text: string) => [{ at, attempt, kind: as, text }]
  if (kind === 'started') return say('started', 'Began.')
  if (kind === 'stopped') return say('stopped', 'Told to stop; the next attempt goes on.')
  if (kind === 'failure') return say('failure', (data as { message: string }).message)
  if (kind === 'said') return say('you', (data as { text: string }).text)
  if (kind !== 'note') return []

  const { data: note } = Note.safeParse(data)
  // That an agent has somebody's words is no word of its own.
  if (!note || note.type === 'told') return []
  const { type, items: todo, log } = note
  if (type !== 'tool')
    return say(type ?? 'note', note.text).map((said) => ({ ...said, ...(todo && { todo }), ...(log && { log }) }))
  const call = { ...(note.tool && { tool: note.tool }), ...(note.callId && { callId: note.callId }) }
  const [said] = note.state === 'ended' ? say('tool ended', `${note.text}${endOf(note)}`) : say('tool', note.text)
  return said ? [{ ...said, ...call, ...(note.ok === undefined ? {} : { ok: note.ok }) }] : []
}

function endOf({ ok, exitCode }: z.infer<typeof Note>): string {
  if (typeof exitCode === 'number' && exitCode !== 0) return ` (exit ${exitCode})`
  return ok === false ? ' (failed)' : ''
}

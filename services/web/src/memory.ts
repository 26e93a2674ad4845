/** Memory over REST: found and shown as memory answers; what a person says of an entry becomes an event of the project. */
import type { Bus } from '@sluice/kit/bus.ts'
import {
  MEMORY_SEARCH,
  MEMORY_SHOW,
  MEMORY_STATE,
  type MemoryQuery,
  MemoryReply,
  type MemoryShow,
  MemoryShown,
  MemoryStateReply,
} from '@sluice/kit/memory.ts'
import { record } from '@sluice/kit/record.ts'
import type { EventId, EventType } from '@sluice/proto/event.ts'
import { MemoryEdited, MemoryForgotten, MemoryPinned } from '@sluice/proto/events.ts'
import {
  EditMemory,
  ForgetMemory,
  type MemoryEntryView,
  type MemoryHit,
  type MemoryState,
  PinMemory,
} from '@sluice/proto/rest.ts'
import type { z } from 'zod'
import { understood } from './body.ts'
import { refuse } from './refused.ts'
import type { Own } from './settings.ts'
import type { Stories } from './stories.ts'

const ANSWER_MS = 5_000
const HITS = 20

type Means = { bus: Bus; own: Pick<Own, 'project'>; stories: Pick<Stories, 'record'>; now: () => Date }

/** A person is shown what was taken back, too. */
export async function findInMemory({ bus, own }: Pick<Means, 'bus' | 'own'>, query: string): Promise<MemoryHit[]> {
  const asked: MemoryQuery = { projectId: own.project.id, query, limit: HITS, reverted: true }
  return (await answerTo(bus, MEMORY_SEARCH, asked, MemoryReply)).hits
}

export async function showMemory(
  { bus, own }: Pick<Means, 'bus' | 'own'>,
  entry: string,
  heard?: EventId,
): Promise<MemoryEntryView> {
  const asked: MemoryShow = { projectId: own.project.id, entry, ...(heard ? { heard } : {}) }
  const shown = await answerTo(bus, MEMORY_SHOW, asked, MemoryShown)
  return shown.entry ?? refuse(404, `Memory holds no ${entry}.`, 'Search for it: what is found says how it is called.')
}

export const memoryState = async ({ bus, own }: Pick<Means, 'bus' | 'own'>): Promise<MemoryState> =>
  (await answerTo(bus, MEMORY_STATE, { projectId: own.project.id }, MemoryStateReply)).state

export type Spoken = { name: string; verb: string; body: unknown; key: string; signal: AbortSignal }

/** Answered when memory has heard it: who asks next sees what they said. The same key again is the same event. */
export async function speakOfMemory(means: Means, { name, verb, body, key, signal }: Spoken): Promise<EventId> {
  const saying =
    verbs.get(verb) ?? refuse(404, `Nobody can ${verb} an entry of memory.`, 'A person can edit, pin and forget.')
  const { entry } = await showMemory(means, name)
  const { type, data } = saying(entry, body)
  signal.throwIfAborted()
  const { project } = means.own
  const event = record({ type, source: 'web', projectId: project.id, cause: null, n: key, data, now: means.now() })
  await means.stories.record(event)
  await showMemory(means, entry, event.id)
  return event.id
}

type Saying = (entry: string, body: unknown) => { type: EventType; data: unknown }

export const memoryVerbs = {
  edit: (entry, body) => {
    const said = understood(EditMemory, body)
    if (said.title === undefined && said.text === undefined)
      refuse(400, 'Nothing is edited.', 'Send a title, a text, or null for what was recorded.')
    return { type: MemoryEdited, data: { entry, ...said } }
  },
  pin: (entry, body) => ({ type: MemoryPinned, data: { entry, ...understood(PinMemory, body) } }),
  forget: (entry, body) => ({ type: MemoryForgotten, data: { entry, ...understood(ForgetMemory, body) } }),
} satisfies Record<string, Saying>
const verbs = new Map<string, Saying>(Object.entries(memoryVerbs))

async function answerTo<S extends z.ZodType>(
  bus: Bus,
  subject: string,
  asked: unknown,
  schema: S,
): Promise<z.infer<S>> {
  const reply = await bus.nc
    .request(subject, JSON.stringify(asked), { timeout: ANSWER_MS })
    .catch(() => refuse(503, 'Memory does not answer.', 'Look at `sluice services`; ask again later.'))
  const read = schema.safeParse(reply.json())
  return read.success ? read.data : refuse(503, 'Memory cannot answer this.', 'Its log says why; ask again later.')
}

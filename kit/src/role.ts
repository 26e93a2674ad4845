/** What a role is: it takes one type of request and gives one of three answers. */
import type { EventOf, EventType } from '@sluice/proto/event.ts'
import type { MemoryHit } from '@sluice/proto/rest.ts'
import type { z } from 'zod'
import type { Agent } from './agent.ts'
import type { Artifacts } from './artifacts.ts'
import type { Log } from './log.ts'
import type { Answer } from './outcome.ts'
import type { Run } from './run.ts'
import type { Workshop } from './workshop.ts'

/** The three answers to one type of request, as `events.ts` defines them. */
export type AnswerTypes<C extends EventType = EventType> = {
  completed: C
  paused: EventType
  failed: EventType
}

/** What a role works with. Everything writes through the fence of its attempt. */
export type Means = {
  /** Who speaks: the role's name, or that of the seat in which its program sits. */
  source: string
  /** The journal of this run: what happened so far, on whatever attempt. */
  run: Run
  /** A model at work, inside the limits of this run. */
  agent: Agent
  memory: Memory
  artifacts: Artifacts
  workshop: Workshop
  log: Log
  /** Aborted when the process stops, the story is cancelled or another attempt took over. */
  signal: AbortSignal
  /** Says one more event about this story (merge.started): only types the role `says`. */
  say(type: EventType, data: unknown): Promise<void>
}

export type Memory = { search(query: string, options?: { limit?: number }): Promise<Recalled> }
/** What fits a request: earlier work, best first, and files that are worth a look. */
export type Recalled = { lessons: Lesson[]; files: string[] }
/** `history`: a commit of the repository, no story. */
export type Lesson = Pick<MemoryHit, 'origin' | 'storyId' | 'title' | 'summary' | 'files' | 'commit' | 'score'>

/** What serve adds to every answer by itself. */
type AddedByServe = 'request' | 'attempt' | 'occupant' | 'usage'
export type CompletedData<C extends EventType> = Omit<z.infer<C['data']>, AddedByServe>

export type Role<Q extends EventType = EventType, C extends EventType = EventType> = {
  /** Who says it: bus user, durable and last token of every subject. */
  name: string
  takes: Q
  gives: AnswerTypes<C>
  /** Further events it may say while it works. */
  says?: readonly EventType[]
  uses: readonly ('agent' | 'memory')[]
  /** Requests one process works on at once. */
  atOnce?: number
  answer(request: EventOf<Q>, means: Means): Promise<Answer<CompletedData<C>>>
}

export const defineRole = <Q extends EventType, C extends EventType>(role: Role<Q, C>): Role<Q, C> => role

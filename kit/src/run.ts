/** The journal of one run: what a role did for one request, so that a killed run goes on where it stood. */

import type { Occupant, Usage } from '@sluice/proto/parts.ts'
import type { Chosen } from './choice.ts'

/**
 * `started` an attempt took the lease · `process` a jail began (pid and kernel start time) · `session` who works ·
 * `prompt`, `assistant`, `result` the conversation, whole messages · `said` a person's words, whether or not they are in it yet · `usage` money · `note` progress for people ·
 * `failure` an attempt ended with an error · `stopped` its process was told to end · `answer` what will be said on STORY, recorded before it is said.
 */
export type EntryKind =
  | 'started'
  | 'process'
  | 'session'
  | 'prompt'
  | 'assistant'
  | 'result'
  | 'usage'
  | 'said'
  | 'note'
  | 'failure'
  | 'stopped'
  | 'answer'

export type Entry = { kind: EntryKind; attempt: number; at: string; data: unknown }

export type Run = {
  /** The id of the request: a run is one request, however many attempts it takes. */
  id: string
  storyId: string
  attempt: number
  /** What the parked runs left that this one goes on from, oldest first: said and done, answered and paid for there. */
  earlier: readonly Entry[]
  /** Their ids, oldest first. */
  chain?: readonly string[]
  /** Entries that count, in log order; those of an attempt that had lost its lease are left out. */
  entries(): readonly Entry[]
  /** Appends after checking that the lease is still ours; rejects with `LeaseLost` otherwise. */
  append(kind: EntryKind, data: unknown): Promise<void>
  /** Rejects with `LeaseLost` if another attempt took over: call it before every effect outside the journal. */
  fence(): Promise<void>
  /** A directory of this run's own (recordings, logs), kept with the data. */
  dir: string
}

/** `continues` is the run before this one, if it goes on from one; `program` is named since seats may change hands. */
export type StartedEntry = {
  pid: number
  replica: string
  version: string
  program?: string
  continues?: string
  /** What its conversations are with: another one is begun anew. */
  choice?: Chosen
}
/** `jail`: what held it, in words, as it was tried out when its process began. */
export type SessionEntry = { occupant: Occupant; jail?: string }
/** `call` names the call: told of twice, as one that was cut and then heard to its end is, it counts as it was last told. */
export type UsageEntry = { usage: Usage; model: string; call?: string | null }

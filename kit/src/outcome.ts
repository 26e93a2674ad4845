/** What a role can answer. */
import type { Waiting } from '@sluice/proto/parts.ts'

export type Answer<T> =
  | { kind: 'completed'; data: T }
  | { kind: 'paused'; waiting: Waiting }
  | { kind: 'failed'; reason: string }

export const completed = <T>(data: T): Answer<T> => ({ kind: 'completed', data })
export const paused = (waiting: Waiting): Answer<never> => ({ kind: 'paused', waiting })
export const failed = (reason: string): Answer<never> => ({ kind: 'failed', reason })

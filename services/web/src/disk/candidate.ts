/** One thing on the disk: how much it is, whether it may go, and how it goes. */
import { removeTree } from '@sluice/kit/copy-tree.ts'
import type { Card, DiskEntry } from '@sluice/proto/rest.ts'
import type { Tidying } from './tidy.ts'

/** `remove` says why it stays after all; null when it is gone. */
export type Candidate = DiskEntry & { remove?(): Promise<string | null> }

export type Wish = { now: boolean; archives: number | null }
/** `root`: the repository that is served. */
export type Looking = Tidying & { root: string; cards(): readonly Card[] }

export const DAY_MS = 24 * 3_600_000
/** Days after which what nobody used goes, without a wish for it to go now. */
export const UNUSED = { dependencies: 30, artifact: 7, run: 7, refs: 30, cache: 30 }

export const isOld = (looking: Looking, since: number, days: number): boolean =>
  looking.now().getTime() - since > days * DAY_MS

export const cardOf = (looking: Looking, id: string): Card | undefined => looking.cards().find((card) => card.id === id)

/** Takes away a directory or a file. */
export const gone = (path: string) => async (): Promise<null> => {
  await removeTree(path)
  return null
}

export const minute = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

/** Follows stories over REST until each has ended or stands still for a person: the demo and `story new --wait` do the same. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Story } from '@sluice/proto/story.ts'
import { needsOf } from './next.ts'
import type { Rest } from './rest.ts'
import { type Logged, readBoard, readStory } from './stories.ts'

export type Followed = { story: Story; events: Logged[] }

export type Following = {
  /** Each event once, a story's own in order. */
  onEvent(logged: Logged): void
  /** Once for each story, when nothing more is awaited of it. */
  onSettled?(followed: Followed): void
  signal?: AbortSignal
  pollMs?: number
}

const POLL_MS = 250

export async function followStories(
  rest: Rest,
  ids: readonly string[],
  { onEvent, onSettled, signal, pollMs = POLL_MS }: Following,
): Promise<Map<string, Followed>> {
  const followed = new Map<string, Followed>()
  const open = (): string[] => ids.filter((id) => !isSettled(followed.get(id)))
  while (open().length > 0) {
    signal?.throwIfAborted()
    // One small request tells which logs have grown.
    const { cards } = await readBoard(rest)
    const grown = open().filter(
      (id) => (cards.find((card) => card.id === id)?.sequence ?? 0) > lastOf(followed.get(id)),
    )
    const read = await Promise.all(grown.map(async (id) => ({ id, log: await readStory(rest, id) })))
    const news = read.flatMap(({ id, log }) => log.events.filter(({ sequence }) => sequence > lastOf(followed.get(id))))
    for (const { id, log } of read) followed.set(id, log)
    for (const logged of news.sort((a, b) => a.sequence - b.sequence)) onEvent(logged)
    for (const { log } of read) if (isSettled(log)) onSettled?.(log)
    if (open().length > 0) await delay(pollMs, undefined, signal && { signal })
  }
  return followed
}

const lastOf = (followed: Followed | undefined): number => followed?.events.at(-1)?.sequence ?? 0

const isSettled = (followed: Followed | undefined): boolean =>
  followed !== undefined && (followed.story.status !== 'running' || needsOf(followed.story).length > 0)

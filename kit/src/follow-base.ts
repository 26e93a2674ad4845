/** The loop of who reads a branch: says its commit at the start, and whenever it has moved, for as long as the process lives. */
import { setTimeout as after } from 'node:timers/promises'
import type { Log } from './log.ts'
import { openRepository, type Repository } from './repository.ts'

export type FollowBaseOptions = {
  root: string
  base: string
  log: Log
  signal: AbortSignal
  /** One at a time. What it throws is logged, and it is told the same again after a while. */
  onHead(head: string, repository: Repository): Promise<void>
  everyMs?: number
}

/** Git tells nobody that a branch moved: it is looked at, which takes a few milliseconds. */
const EVERY_MS = 3_000

export async function followBase({ root, base, log, signal, onHead, everyMs = EVERY_MS }: FollowBaseOptions) {
  let repository: Repository | null = null
  let seen: string | null = null
  let trouble = ''
  while (!signal.aborted) {
    try {
      repository ??= await openRepository(root)
      const head = await repository.head(base)
      if (head !== seen) await onHead(head, repository)
      seen = head
      trouble = ''
    } catch (error) {
      // Said once: a repository that was moved away stays away for long.
      if (!signal.aborted && trouble !== String(error)) log.warn({ err: error, root, base }, 'the base cannot be read')
      trouble = String(error)
      repository = null
    }
    await after(everyMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Runs that may use the doors: each by a token of its own, in memory, dead when the run ends. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Token } from '@sluice/proto/event.ts'
import { Limits, type Waiting } from '@sluice/proto/parts.ts'
import { z } from 'zod'

export const OpenRun = z.object({
  storyId: Token,
  role: Token,
  runId: z.string().min(1).max(80),
  attempt: z.int().nonnegative(),
  budgetUsd: z.number().positive(),
  limits: Limits.optional(),
  /** Which process of its role. */
  replica: z.string().max(40).optional(),
  /** The parked runs it goes on from: what they were answered it may hear again. */
  continues: z.array(z.string().min(1).max(80)).optional(),
  /** Its calls are made with the person's login, and paid by a plan. */
  login: z.boolean().optional(),
  /** Hosts beside the model, as in `rules.ts`. */
  egress: z.array(z.string().min(1)),
})

export type OpenedRun = z.infer<typeof OpenRun> & {
  /** Aborted when the run ends or a later attempt takes its place: calls and tunnels end with it. */
  ended: AbortSignal
  /** Why its last call was sent away, for engines that do not say; null once one was let through. */
  refused: Waiting | null
  /** What it went round and round with when it began: that was let pass. */
  repeats: number | null
}

export type Runs = {
  /** A new token; null when a later attempt of this run is already here. */
  open(run: z.infer<typeof OpenRun>): string | null
  of(token: string): OpenedRun | null
  close(token: string): void
  closeAll(): void
}

export function openRuns(): Runs {
  const runs = new Map<string, { run: OpenedRun; end: AbortController }>()

  const close = (key: string) => {
    runs.get(key)?.end.abort(new Error('The run has ended.'))
    runs.delete(key)
  }
  return {
    open(asked) {
      const earlier = [...runs].filter(([, { run }]) => run.runId === asked.runId && run.role === asked.role)
      if (earlier.some(([, { run }]) => run.attempt > asked.attempt)) return null
      for (const [key] of earlier) close(key)

      const token = `slc_${randomBytes(32).toString('base64url')}`
      const end = new AbortController()
      const repeats = earlier[0]?.[1].run.repeats ?? null
      runs.set(hash(token), { run: { ...asked, ended: end.signal, refused: null, repeats }, end })
      return token
    },
    of: (token) => runs.get(hash(token))?.run ?? null,
    close: (token) => close(hash(token)),
    closeAll: () => [...runs.keys()].forEach(close),
  }
}

/** Looked up by hash: how long the look-up takes says nothing about the token. */
const hash = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Whose secret this is, of those who may speak to the gateway at all. */
export function userOf(secrets: Readonly<Record<string, string>>, secret: string): string | null {
  const given = createHash('sha256').update(secret).digest()
  const isGiven = (known: string) => timingSafeEqual(createHash('sha256').update(known).digest(), given)
  return Object.entries(secrets).find(([, known]) => isGiven(known))?.[0] ?? null
}

export const bearer = (header: string | undefined): string | null => /^Bearer (\S+)$/i.exec(header ?? '')?.[1] ?? null

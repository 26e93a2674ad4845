/** The one place where a call of an agent is allowed or not: policy first, then what a person said before, then a person; whoever is first. */
import { createHash } from 'node:crypto'
import type { PermissionAsked, PermissionDecided } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { Pause } from './errors.ts'
import { redact } from './log.ts'
import type { Entry, Run } from './run.ts'

/** What goes ahead without a person: nothing but reading, changes to files too, or all. */
export const PermissionPolicy = z.enum(['ask', 'edits', 'all'])
export type PermissionPolicy = z.infer<typeof PermissionPolicy>

export type PermissionRules = {
  policy: PermissionPolicy
  /** After so long without an answer the run is parked: no replica waits for a person. */
  waitMs: number
  /** What a person said in this story before. */
  decided: readonly PermissionDecided[]
}

export type WantedCall = {
  tool: string
  kind: 'read' | 'edit' | 'execute' | 'other'
  /** One line for people. */
  title: string
  input: unknown
}

export type PermissionBy = 'person' | 'story' | 'terminal'
export type Decision = { allow: boolean; reason?: string | undefined; by: PermissionBy }

export type Permits = {
  byPolicy(call: WantedCall): boolean
  /** Resolves with the first answer. Rejects with `Pause` when nobody answers in time, and with the signal's reason. */
  ask(call: WantedCall, signal: AbortSignal): Promise<Decision>
  /** Whether such a question was open. */
  decide(id: string, decision: Decision): boolean
  /** The same for the question about this very call, answered where it was shown. */
  seen(call: WantedCall, allow: boolean): void
  /** The questions about any call are over: the program asks them no more. */
  dropAll(reason: string): void
}

const LONGEST_DETAIL = 4_000

export function openPermits(run: Run, rules: PermissionRules): Permits {
  const open = new Map<string, { asked: PermissionAsked; answer(decision: Decision): void }>()
  const once = new Map(rules.decided.filter((one) => !one.forStory).map((one) => [one.key, one]))
  const always = new Map(rules.decided.filter((one) => one.forStory).map((one) => [one.key, one]))

  function saidBefore(key: string): Decision | null {
    const standing = always.get(key)
    if (standing) return { ...standing, by: 'story' }
    const said = once.get(key)
    // Said for one call: the next one like it is a question again.
    once.delete(key)
    return said ? { ...said, by: 'person' } : null
  }

  const note = (asked: PermissionAsked, state: 'asked' | 'decided', text: string, more: object = {}) =>
    run.append('note', { type: 'permission', state, permission: asked, text, ...more })

  async function told(asked: PermissionAsked, decision: Decision): Promise<Decision> {
    const { allow, by, reason } = decision
    const text = `${allow ? 'Allowed' : 'Not allowed'} ${by === 'story' ? 'for this story' : `by ${BY[by]}`}: ${asked.title}`
    await note(asked, 'decided', text, { allow, by, ...(reason ? { reason } : {}) })
    return decision
  }

  return {
    byPolicy: ({ kind }) => rules.policy === 'all' || kind === 'read' || (rules.policy === 'edits' && kind === 'edit'),
    async ask(call, signal) {
      const asked = askedOf(run.id, call)
      const before = saidBefore(asked.key)
      if (before) return told(asked, before)
      const answered = Promise.withResolvers<Decision>()
      // It may be over while the question is still being written down.
      answered.promise.catch(() => undefined)
      open.set(asked.id, { asked, answer: answered.resolve })
      const late = setTimeout(
        () =>
          answered.reject(new Pause({ kind: 'permission', permissions: [...open.values()].map((one) => one.asked) })),
        rules.waitMs,
      )
      const abort = () => answered.reject(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      try {
        await note(asked, 'asked', `May it? ${asked.title}`)
        return await told(asked, await answered.promise)
      } finally {
        clearTimeout(late)
        signal.removeEventListener('abort', abort)
        open.delete(asked.id)
      }
    },
    decide(id, decision) {
      const waiting = open.get(id)
      waiting?.answer(decision)
      return waiting !== undefined
    },
    seen(call, allow) {
      open.get(askedOf(run.id, call).id)?.answer({ allow, by: 'terminal' })
    },
    dropAll(reason) {
      for (const { answer } of open.values()) answer({ allow: false, by: 'terminal', reason })
    },
  }
}

const AskedNote = z.looseObject({
  type: z.literal('permission'),
  permission: z.looseObject({ id: z.string(), title: z.string() }),
})

/** What an agent had asked for when its run was parked, and what the person said: for its first prompt. */
export function mayNow(earlier: readonly Entry[], decided: PermissionRules['decided'] = []): string[] {
  const asked = earlier.flatMap(({ data }) => AskedNote.safeParse(data).data?.permission ?? [])
  return decided.flatMap(({ id, allow, reason }) => {
    const title = asked.find((one) => one.id === id)?.title
    if (!title) return []
    if (allow) return [`You may do now what you asked for: ${title}`]
    return [`The person does not allow it: ${title}. ${reason ?? ''}`.trim()]
  })
}

const BY: Record<PermissionBy, string> = { person: 'you', story: 'you', terminal: 'you, at its terminal' }

/** `key` is the same for the same question, whichever replica asks it; `id` is of this run. */
function askedOf(runId: string, { tool, title, input }: WantedCall): PermissionAsked {
  const key = digest(`${tool} ${canonical(input)}`).slice(0, 16)
  const detail = redact(typeof input === 'string' ? input : JSON.stringify(input, null, 2)).slice(0, LONGEST_DETAIL)
  return { id: `p-${digest(`${runId} ${key}`).slice(0, 8)}`, key, tool, title: redact(title), detail }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Names in order: the same input said in another order is the same question. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`
}

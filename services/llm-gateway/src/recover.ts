/** What a gateway that was killed left behind: calls whose cost the world has not been told. */
import type { Log } from '@sluice/kit/log.ts'
import type { Spent } from '@sluice/kit/spend.ts'
import type { Answers } from './answers.ts'
import type { Begun, BegunCalls, Ended } from './begun.ts'
import { amountOf, endedOf, entryOf, spentOf } from './books.ts'
import type { Amount, Caller } from './budget.ts'
import { dayOf } from './day.ts'
import type { Ledger } from './ledger.ts'

export type LeftBehind = {
  call: Begun
  ended: Ended
  /** What the lines do not know yet: nothing of what RUN had heard before the end. */
  spent: (Caller & { cost: Amount })[]
}

export async function leftBehind(means: {
  begun: BegunCalls
  answers: Answers
  told: ReadonlySet<string>
}): Promise<LeftBehind[]> {
  const calls = await means.begun.all()
  return Promise.all(
    calls.map(async (call) => {
      const ended = endedOf(call, await keptOf(call, means.answers), new Date().toISOString())
      const { storyId, role, at } = call
      const isNew = ended.usage !== null && !means.told.has(call.id)
      const spent = isNew ? [{ storyId, role, day: dayOf(at), cost: amountOf(ended.usage) }] : []
      return { call, ended, spent }
    }),
  )
}

async function keptOf({ storyId, role, kept, id }: Begun, answers: Answers) {
  const found = kept && (await answers.find({ storyId, role, ...kept }))
  // An earlier call under the same key may have been kept; it has been told of.
  return found?.id === id ? { usage: found.usage, bytes: found.body.length, at: found.at } : null
}

type Means = { begun: BegunCalls; ledger: Ledger; log: Log; publishUsage(said: Spent): Promise<void> }

/** Each once: the ledger is looked into first, and RUN keeps what bears one name once. What cannot be told now is told at the next start. */
export async function tellLeftBehind(left: readonly LeftBehind[], means: Means): Promise<void> {
  if (left.length === 0) return
  const entered = new Set((await means.ledger.entries()).flatMap(({ id }) => id ?? []))
  for (const { call, ended } of left) {
    try {
      if (!entered.has(call.id)) await means.ledger.enter(entryOf(call, ended))
      if (ended.usage) await means.publishUsage(spentOf(call, ended, ended.usage))
      await means.begun.forget(call.id)
    } catch (error) {
      means.log.error({ error, storyId: call.storyId }, 'what a call cost waits on the disk')
    }
  }
}

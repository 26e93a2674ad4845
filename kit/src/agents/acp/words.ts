/** What a person says to an agent at work: in the journal before they are told it was heard, then said to the agent once. */
import type { Said } from '@sluice/proto/said.ts'
import { Refusal } from '../../errors.ts'
import type { Hearing } from '../../hearing.ts'
import type { Run } from '../../run.ts'
import { HeardEntry, type SessionState, WordsEntry } from './session-state.ts'

export type Words = Disposable & {
  /** Said and not passed on yet. */
  waiting(): string[]
  /** They stand in the agent's next prompt, or in an answer it gets. */
  passedOn(): Promise<void>
  /** The turn in flight is to end; what the person wants instead may follow. */
  onInterrupt(stop: () => Promise<void>): void
  /** Resolves once there are words, or after this time. */
  within(ms: number): Promise<void>
}

export function wordsOf(
  { run, hearing }: { run: Run; hearing: Hearing },
  { number, state: { words, heard: before } }: { number: number; state: SessionState },
): Words {
  const all = [...words]
  let heard = before
  let interrupt: (() => Promise<void>) | null = null
  let spoken = Promise.withResolvers<void>()
  const listening = hearing.listen(hear)

  async function hear(said: Said): Promise<void> {
    switch (said.do) {
      case 'steer':
        await run.append('prompt', WordsEntry.parse({ acp: number, words: said.text }))
        all.push(said.text)
        spoken.resolve()
        return
      case 'interrupt':
        if (!interrupt) throw new Refusal('The agent is not at work at the moment.', 'Say it again in a moment.')
        await interrupt()
        return
      default:
        throw new Refusal(`This agent knows no ${said.do}.`, 'It can be interrupted, and told what to do otherwise.')
    }
  }

  return {
    waiting: () => all.slice(heard),
    async passedOn() {
      if (heard === all.length) return
      heard = all.length
      spoken = Promise.withResolvers()
      await run.append('prompt', HeardEntry.parse({ acp: number, heard }))
    },
    onInterrupt: (stop) => {
      interrupt = stop
    },
    async within(ms) {
      if (heard < all.length) return
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms)
      })
      await Promise.race([spoken.promise, late])
      clearTimeout(timer)
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  }
}

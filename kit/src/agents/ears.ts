/** A conversation that hears a person: it parks when they want it, puts down what it has in hand when they interrupt, and waits for their words. */
import { setTimeout as after } from 'node:timers/promises'
import type { Said } from '@sluice/proto/said.ts'
import { pauseFor } from '../ear.ts'
import { Refusal } from '../errors.ts'
import type { Hearing } from '../hearing.ts'

/** How long an interrupted agent waits for words before it goes on by itself. */
const WORDS_MS = 60_000

/** The person ended what was going on; the conversation itself goes on. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

export type Ears = Disposable & {
  /** Of what is in hand now: aborted with the task, and by a person who interrupts. */
  readonly signal: AbortSignal
  readonly interrupted: boolean
  /** Throws the `Pause` that the person wants, if they do. */
  check(): void
  /** Waits for a word after an interruption; with or without one the work goes on. */
  quiet(hasWords: () => boolean): Promise<void>
  /** Nothing more is heard; resolves when all that was said until now is in the journal. */
  close(): Promise<void>
  open(): void
}

export function openEars(hearing: Hearing, task: { signal: AbortSignal }, wordsMs = WORDS_MS): Ears {
  let inHand = new AbortController()
  let wish: Extract<Said, { do: 'pause' }> | null = null
  let spoken = Promise.withResolvers<void>()
  let listening = hearing.listen(hear)

  async function hear(said: Said): Promise<void> {
    if (said.do === 'keys' || said.do === 'decide')
      throw new Refusal('This agent has no terminal to type into and asks for no permission.', 'Say it in words.')
    if (said.do === 'pause') wish = said
    if (said.do === 'interrupt' || (said.do === 'pause' && said.now)) inHand.abort(new Interrupted('Interrupted.'))
    spoken.resolve()
  }

  return {
    get signal() {
      return AbortSignal.any([task.signal, inHand.signal])
    },
    get interrupted() {
      return inHand.signal.aborted
    },
    check() {
      if (wish) throw pauseFor(wish)
    },
    async quiet(hasWords) {
      const until = Date.now() + wordsMs
      while (!hasWords() && !wish && Date.now() < until) {
        const late = new AbortController()
        const timer = after(until - Date.now(), undefined, { signal: AbortSignal.any([late.signal, task.signal]) })
        await Promise.race([spoken.promise, timer]).finally(() => late.abort())
        timer.catch(() => undefined)
        spoken = Promise.withResolvers()
      }
      inHand = new AbortController()
    },
    async close() {
      listening[Symbol.dispose]()
      await listening.settled()
    },
    open() {
      listening = hearing.listen(hear)
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  }
}

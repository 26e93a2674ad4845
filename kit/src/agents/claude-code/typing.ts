/** Words for the program's conversation, typed one after another: nobody's words into the middle of another's. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from './session.ts'

/** How long words may take from the terminal to the program, and how often the key that sends is pressed again. */
const ARRIVES_MS = 2_000
const PRESSES = 5

/** A program that is busy drawing may miss the key: in the middle of a turn it takes words without a word of its own. */
export function type(session: Session, words: string): Promise<void> {
  const { now } = session
  const mine = now.typing.then(async () => {
    const { cli, prompts, busy } = now
    if (!cli?.alive) return
    now.busy = true
    session.sign()
    await cli.say(words)
    for (let presses = 0; !busy && presses < PRESSES; presses++) {
      if (await until(() => now.prompts > prompts || !cli.alive, ARRIVES_MS)) return
      cli.keys('\r')
    }
  })
  now.typing = mine.catch(() => undefined)
  return mine
}

async function until(isSo: () => boolean, ms: number): Promise<boolean> {
  for (const late = Date.now() + ms; Date.now() < late; await delay(20)) if (isSo()) return true
  return isSo()
}

/** Cuts secrets out of text that comes in pieces, also where one lies across two of them. */
import { redact } from './log.ts'

/** The end of a piece that may be the beginning of a secret, or of the rest of one. */
const MAYBE = /(?:sk-ant-|slc_|[Bb]earer\s)[\w.~+/=-]*$|(?:s|sk|sk-|sk-a|sk-an|sk-ant|sl|slc|[Bb]earer?)$/
/** A secret is shorter. */
const MOST_CHARS = 4_096
const HELD_MS = 100

export type Redacting = { add(text: string): void; flush(): void }

/** What may be the beginning of a secret is held back for its end, for a moment. */
export function redacting(pass: (text: string) => void): Redacting {
  let held = ''
  let timer: NodeJS.Timeout | undefined
  function flush(): void {
    clearTimeout(timer)
    const last = held
    held = ''
    if (last) pass(redact(last))
  }
  return {
    add(text) {
      clearTimeout(timer)
      const all = held + text
      const maybe = MAYBE.exec(all.slice(-MOST_CHARS))?.[0] ?? ''
      held = maybe
      const sure = all.slice(0, all.length - maybe.length)
      if (sure) pass(redact(sure))
      if (held) timer = setTimeout(flush, HELD_MS).unref()
    },
    flush,
  }
}

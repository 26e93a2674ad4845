/** When a long command is to end: by Ctrl-C, by whoever started it, or because it took too long. */
import { Refusal } from '@sluice/kit/errors.ts'
import { untilStopped } from './up/until-stopped.ts'

export function endOn(limitMs: number): Disposable & { signal: AbortSignal } {
  const ending = new AbortController()
  const stop = untilStopped(() => ending.abort(new Refusal('Stopped before its end.', 'Start it again when you like.')))
  const late = setTimeout(() => ending.abort(tooLate(limitMs)), limitMs)
  return {
    signal: ending.signal,
    [Symbol.dispose]() {
      clearTimeout(late)
      stop[Symbol.dispose]()
    },
  }
}

const tooLate = (ms: number): Refusal =>
  new Refusal(
    `It was not done after ${Math.round(ms / 60_000)} minutes.`,
    'Give it more with --limit MINUTES, or look at what it did with --keep.',
  )

/** When a long command is to end: by Ctrl-C, by whoever started it, or because it took too long. */
import { Refusal } from '@sluice/kit/errors.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A second Ctrl-C ends the process as it would without us. */
export function endOn(limitMs: number): Disposable & { signal: AbortSignal } {
  const ending = new AbortController()
  const stop = (): void => ending.abort(new Refusal('Stopped.', 'Start it again when you like: nothing of it is kept.'))
  const late = setTimeout(() => ending.abort(tooLate(limitMs)), limitMs)
  for (const signal of SIGNALS) process.once(signal, stop)
  return {
    signal: ending.signal,
    [Symbol.dispose]() {
      clearTimeout(late)
      for (const signal of SIGNALS) process.off(signal, stop)
    },
  }
}

const tooLate = (ms: number): Refusal =>
  new Refusal(
    `It was not done after ${Math.round(ms / 60_000)} minutes.`,
    'Give it more with --limit MINUTES, or look at what it did with --keep.',
  )

/** The ear of a run: an engine at work is told here what a person says to it. */
import type { Said } from '@sluice/proto/said.ts'

/**
 * What is to be steered by is in the run's journal before this is called, under its id. It resolves once the engine has taken it: then it is
 * told to nobody again. Rejected, it is said again, to this attempt or the next. A `pause` that is refused ends the attempt at once.
 */
export type Hear = (said: Said) => Promise<void>

export type Listening = Disposable & {
  /** Resolves when nothing is being heard any more: what was said until then is in the journal. */
  settled(): Promise<void>
}

export type Hearing = {
  /**
   * From here on `hear` is told, one thing after another; it resolves once what was said is taken or done, and rejects with a
   * `Refusal` for what this engine cannot do. One listener at a time; disposing ends it.
   */
  listen(hear: Hear): Listening
}

/** Nobody speaks: for runs without a bus. */
export const deaf: Hearing = { listen: () => ({ settled: async () => undefined, [Symbol.dispose]: () => undefined }) }

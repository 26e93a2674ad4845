/** The ear of a run: an engine at work is told here what a person says to it. */
import type { Said } from '@sluice/proto/said.ts'

export type Hear = (said: Said) => Promise<void>

export type Hearing = {
  /**
   * From here on `hear` is told, one thing after another; it resolves once what was said is in the journal or done, and rejects with a
   * `Refusal` for what this engine cannot do. One listener at a time; disposing ends it.
   */
  listen(hear: Hear): Disposable
}

/** Nobody speaks: for runs without a bus. */
export const deaf: Hearing = { listen: () => ({ [Symbol.dispose]: () => undefined }) }

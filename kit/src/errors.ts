/** Errors named for what their catcher should do. */
import type { Waiting } from '@sluice/proto/parts.ts'

/** Trying again cannot help: the role answers `failed` with this message. Any other error is tried again later. */
export class TerminalError extends Error {
  override name = 'TerminalError'
}

/** What a person asked for cannot be done. The message is one sentence; `mend` is the sentence that says what to do about it. */
export class Refusal extends TerminalError {
  override name = 'Refusal'
  readonly mend: string

  constructor(problem: string, mend: string, options?: ErrorOptions) {
    super(`${problem} ${mend}`, options)
    this.mend = mend
  }
}

/** The run cannot go on without somebody else: `serve` answers `paused` with this, acks, and pins no replica. */
export class Pause extends Error {
  override name = 'Pause'
  readonly waiting: Waiting

  constructor(waiting: Waiting, options?: ErrorOptions) {
    super(`Waiting: ${waiting.kind}.`, options)
    this.waiting = waiting
  }
}

/** Another attempt holds the lease: stop at once, say nothing, write nothing. */
export class LeaseLost extends Error {
  override name = 'LeaseLost'
}

/** Whoever works on it gives it back unfinished: no failure, the next who asks gets it at once. */
export class GivenBack extends Error {
  override name = 'GivenBack'
}

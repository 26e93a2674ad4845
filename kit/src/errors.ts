/** Errors named for what their catcher should do. */

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

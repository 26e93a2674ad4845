/** How set-up speaks: short lines on stderr, so that stdout stays what the command itself prints. */

export const say = (line) => process.stderr.write(`sluice set-up: ${line}\n`)

/** Set-up cannot go on; the message names the mend. Empty where whoever failed has already said why. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

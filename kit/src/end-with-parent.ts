/** Ends this process with the one that supervises it, however that one ends. */

/** Under `up` standard input is a pipe nobody writes to: its end is the supervisor's, and at once nothing may go on. */
export function endWithParent(env: Readonly<Record<string, string | undefined>> = process.env): void {
  if (env.SLUICE_SUPERVISED !== '1') return
  // Not `exit`: nothing may be written any more, and exit hooks take their time where a dozen processes end together.
  const leave = () => process.kill(process.pid, 'SIGKILL')
  process.stdin.on('end', leave).on('close', leave).on('error', leave).resume()
}

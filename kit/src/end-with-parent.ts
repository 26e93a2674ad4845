/** Ends this process with the one that supervises it, however that one ends. */
import { spawn } from 'node:child_process'

/** Under `up` standard input is a pipe nobody writes to: its end is the supervisor's, and at once nothing may go on. */
export function endWithParent(env: Readonly<Record<string, string | undefined>> = process.env): void {
  if (env.SLUICE_SUPERVISED !== '1') return
  process.stdin.on('end', leave).on('close', leave).on('error', leave).resume()
}

/**
 * By a hand from outside: `exit`, and `process.kill` of one's own id too, let Node run its exit hooks first, which write
 * the compile cache; a dozen processes that do so together were seen to take five seconds.
 */
function leave(): void {
  spawn('/bin/sh', ['-c', 'kill -9 "$0"', String(process.pid)], { stdio: 'ignore' }).on('error', () =>
    process.kill(process.pid, 'SIGKILL'),
  )
}

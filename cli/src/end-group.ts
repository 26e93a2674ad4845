/** Ends a process with all of its group: what somebody else's program starts knows nothing of us. */

/** `leader` is a process we started as the first of a group of its own; 0 is one that was never started. */
export function endGroup(leader: number, signal: NodeJS.Signals): void {
  if (leader === 0) return
  try {
    process.kill(-leader, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Ctrl-C, once to stop in order and twice to stop at once. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** `npm start` passes on the Ctrl-C that the terminal has sent already: so soon it is the same one. */
const SAME_PRESS_MS = 500

/** `onStop` is called at the first. */
export function untilStopped(onStop: () => void) {
  const told = Promise.withResolvers<'stopped'>()
  let first = 0

  function press(): void {
    if (first && performance.now() - first < SAME_PRESS_MS) return
    // What we started sees its pipe close and ends by itself.
    if (first) process.exit(130)
    first = performance.now()
    onStop()
    process.stderr.write('\nStopping. Ctrl-C again stops at once.\n')
    told.resolve('stopped')
  }

  for (const signal of SIGNALS) process.on(signal, press)
  return {
    told: told.promise,
    /** Whether it was told to stop before `work` was done. */
    before: async (work: Promise<unknown>): Promise<boolean> =>
      (await Promise.race([work, told.promise])) === 'stopped',
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, press)
    },
  }
}

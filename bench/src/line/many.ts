/** Keeps so many in flight: one ends, the next begins in its lane, until all have ended. */

export type Many = {
  /** Milliseconds from the first beginning to the last end of `total`; each is counted once, however often its end is told. */
  run(total: number, inFlight: number): Promise<number>
  ended(id: string): void
  fail(error: unknown): void
  /** All that ever ended here. */
  count(): number
}

export function openMany(begin: (id: string, lane: number) => Promise<unknown>): Many {
  const lanes = new Map<string, number>()
  let begun = 0
  let ends = 0
  let left = 0
  let done = Promise.withResolvers<void>()

  function next(lane: number): void {
    if (left-- <= 0) return
    const id = `n${++begun}`
    lanes.set(id, lane)
    begin(id, lane).catch(done.reject)
  }

  return {
    async run(total, inFlight) {
      done = Promise.withResolvers()
      left = total
      const start = performance.now()
      for (let lane = 0; lane < Math.min(inFlight, total); lane++) next(lane)
      await done.promise
      return performance.now() - start
    },
    ended(id) {
      const lane = lanes.get(id)
      if (lane === undefined) return
      lanes.delete(id)
      ends++
      next(lane)
      if (lanes.size === 0) done.resolve()
    },
    fail: (error) => done.reject(error),
    count: () => ends,
  }
}

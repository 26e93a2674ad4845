/** What arrives together is shown together: one drawing for many messages. */

/** A frame: longer would be seen as waiting, shorter would draw what nobody sees. */
const BATCH_MS = 16

export type Batched<T> = {
  /** With `soon` false it is kept until somebody flushes. */
  add(one: T, soon?: boolean): void
  /** Shows what there is, also when that is nothing. */
  flush(): void
  drop(): void
}

export function batched<T>(show: (all: readonly T[]) => void): Batched<T> {
  let all: T[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const now = all
    all = []
    show(now)
  }
  return {
    add(one, soon = true) {
      all.push(one)
      if (soon) timer ??= setTimeout(flush, BATCH_MS)
    },
    flush,
    drop() {
      clearTimeout(timer)
      timer = undefined
      all = []
    },
  }
}

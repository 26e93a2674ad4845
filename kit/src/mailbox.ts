/** What happens, one thing after another, for a loop that decides about each. */
export type Mailbox<T> = { put(one: T): void; next(): Promise<T> }

export function mailbox<T>(): Mailbox<T> {
  const waiting: T[] = []
  let wake: ((one: T) => void) | null = null
  return {
    put(one) {
      const hand = wake
      wake = null
      if (hand) hand(one)
      else waiting.push(one)
    },
    next() {
      const [first] = waiting.splice(0, 1)
      if (first !== undefined) return Promise.resolve(first)
      return new Promise((resolve) => {
        wake = resolve
      })
    },
  }
}

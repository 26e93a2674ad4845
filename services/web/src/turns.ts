/** One at a time for each name, many names at once. */
export type Turns = <T>(name: string, work: () => Promise<T>) => Promise<T>

export function openTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return (name, work) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work, work)
    last.set(name, mine)
    const leave = () => void (last.get(name) === mine && last.delete(name))
    mine.then(leave, leave)
    return mine
  }
}

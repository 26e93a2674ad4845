/** Decisions on their way: each is held for a few seconds, can be undone until then, and comes back if it is not taken. */
import { command, Refused } from '../api.ts'

export type Letter = { item: string; id: string; verb: string; body: unknown; key: string; about: string }
export type Outbox = {
  /** The one that can still be undone. */
  held: Letter | null
  /** Items that were decided: gone from the list, whatever the bus has said yet. */
  decided: ReadonlySet<string>
  /** By story: the decision that was not taken, and why. */
  refusals: ReadonlyMap<string, Refusal>
}
export type Refusal = { letter: Letter; error: unknown }

export class Undone extends Error {
  override name = 'Undone'
}

export type OutboxStore = {
  now(): Outbox
  subscribe(changed: () => void): () => void
  post(letter: Letter): Promise<void>
  /** The item that was held comes back. */
  undo(): Letter | null
  /** The refusal was read. */
  forget(id: string): void
  /** Nothing waits any longer: the page is left. */
  flush(): void
}

export type Sending = (letter: Letter) => Promise<unknown>

export function openOutbox(holdMs: number, send: Sending = sendNow): OutboxStore {
  let outbox: Outbox = { held: null, decided: new Set(), refusals: new Map() }
  let going: { letter: Letter; timer: ReturnType<typeof setTimeout>; go(): void; undo(): void } | null = null
  const watchers = new Set<() => void>()
  const become = (next: Partial<Outbox>) => {
    outbox = { ...outbox, ...next }
    for (const changed of watchers) changed()
  }
  const without = (item: string) => new Set([...outbox.decided].filter((one) => one !== item))
  const withoutRefusal = (id: string) => new Map([...outbox.refusals].filter(([one]) => one !== id))

  function letGo(): void {
    if (!going) return
    const { timer, go } = going
    clearTimeout(timer)
    going = null
    become({ held: null })
    go()
  }

  return {
    now: () => outbox,
    subscribe(changed) {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
    async post(letter) {
      letGo()
      become({
        held: letter,
        decided: new Set([...outbox.decided, letter.item]),
        refusals: withoutRefusal(letter.id),
      })
      await new Promise<void>((resolve, reject) => {
        const undo = () => reject(new Undone('Undone: nothing was sent.'))
        going = { letter, timer: setTimeout(letGo, holdMs), go: resolve, undo }
      })
      try {
        await send(letter)
      } catch (error) {
        become({
          decided: without(letter.item),
          refusals: new Map([...outbox.refusals, [letter.id, { letter, error }]]),
        })
        throw error
      }
    },
    undo() {
      if (!going) return null
      const { letter, timer, undo } = going
      clearTimeout(timer)
      going = null
      become({ held: null, decided: without(letter.item) })
      undo()
      return letter
    },
    forget: (id) => become({ refusals: withoutRefusal(id) }),
    flush: letGo,
  }
}

const TRIES = 3

/** Silence is tried again with the same key: a command that was taken already is not taken twice. */
async function sendNow({ id, verb, body, key }: Letter): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await command(id, verb, body, key)
      return
    } catch (error) {
      const silent = error instanceof Refused && (error.status === 0 || error.status >= 500)
      if (!silent || tried >= TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, 1_000 * tried))
    }
  }
}

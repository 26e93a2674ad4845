/** How a panel says what the person decided: at once, or, in the inbox, after a few seconds in which it can be undone. */
import { createContext, useContext } from 'react'
import { command } from '../api.ts'

export type Say = {
  /** Sends a command of a story; `about` names it for the line that offers to undo it. */
  say(command: { id: string; verb: string; body: unknown; key: string; about: string }): Promise<unknown>
  /** Single keys decide: `a`, `s`. */
  keys: boolean
}

export const SayContext = createContext<Say>({
  say: ({ id, verb, body, key }) => command(id, verb, body, key),
  keys: false,
})

export const useSay = (): Say => useContext(SayContext)

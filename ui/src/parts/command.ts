/** One command at a time: no double click sends twice, and a try again after silence is the same command. */
import { useRef, useState } from 'react'
import { Refused } from '../api.ts'

export type Command<A extends unknown[]> = {
  send: (...args: A) => Promise<boolean>
  busy: boolean
  error: unknown
  clear: () => void
}

/** `send` gets the idempotency key first. Resolves true when the server took it. */
export function useCommand<A extends unknown[]>(send: (key: string, ...args: A) => Promise<unknown>): Command<A> {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null })
  const underway = useRef(false)
  const unanswered = useRef<{ said: string; key: string } | null>(null)

  return {
    ...state,
    clear: () => setState({ busy: false, error: null }),
    async send(...args) {
      if (underway.current) return false
      underway.current = true
      setState({ busy: true, error: null })
      const said = JSON.stringify(args)
      const last = unanswered.current
      const key = last?.said === said ? last.key : crypto.randomUUID()
      try {
        await send(key, ...args)
        unanswered.current = null
        setState({ busy: false, error: null })
        return true
      } catch (error) {
        // Nobody knows whether a command without an answer was recorded: the same key makes a second one harmless.
        const silent = error instanceof Refused && (error.status === 0 || error.status >= 500)
        unanswered.current = silent ? { said, key } : null
        setState({ busy: false, error })
        return false
      } finally {
        underway.current = false
      }
    },
  }
}

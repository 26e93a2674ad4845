/** Something REST answers, asked again when told or every so often; what was there stays while it is asked anew. */
import { useCallback, useEffect, useRef, useState } from 'react'

export type Remote<T> = { data: T | null; error: unknown; loading: boolean; again: () => void }

/** `key` names what is asked: another key forgets the last answer. `version` only asks again. */
export function useRemote<T>(
  key: string,
  ask: () => Promise<T>,
  { everyMs, version = 0 }: { everyMs?: number | undefined; version?: number } = {},
): Remote<T> {
  const [answer, setAnswer] = useState<{ key: string; data: T | null; error: unknown; loading: boolean }>({
    key,
    data: null,
    error: null,
    loading: true,
  })
  const [asked, setAsked] = useState(0)
  const asking = useRef(ask)
  asking.current = ask
  const again = useCallback(() => setAsked((n) => n + 1), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` and `version` only ask again.
  useEffect(() => {
    let gone = false
    asking.current().then(
      (data) => !gone && setAnswer({ key, data, error: null, loading: false }),
      (error: unknown) =>
        !gone && setAnswer((last) => ({ key, data: last.key === key ? last.data : null, error, loading: false })),
    )
    return () => {
      gone = true
    }
  }, [key, asked, version])

  useEffect(() => {
    if (everyMs === undefined) return
    const timer = setInterval(() => document.visibilityState === 'visible' && again(), everyMs)
    return () => clearInterval(timer)
  }, [everyMs, again])

  const mine = answer.key === key
  return { data: mine ? answer.data : null, error: mine ? answer.error : null, loading: !mine || answer.loading, again }
}

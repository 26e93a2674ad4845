/** The moment up to which open spans have got: ticks while the story runs. */
import { useEffect, useState } from 'react'

const TICK_MS = 1_000

export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => document.visibilityState === 'visible' && setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [running])
  return now
}

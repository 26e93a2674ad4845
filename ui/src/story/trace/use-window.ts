/** Which rows of a long list are in sight: a thousand spans are scrolled as smoothly as ten. */
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'

/** `headPx` of the box stay covered by its head. */
type Measures = { count: number; rowPx: number; headPx: number }

/** Rows beyond both edges, so that nothing is blank while it is scrolled. */
const AIR = 12

export type Window = {
  ref: RefObject<HTMLElement | null>
  first: number
  last: number
  onScroll(): void
  reveal(index: number): void
}

export function useWindow({ count, rowPx, headPx }: Measures): Window {
  const ref = useRef<HTMLElement>(null)
  const [sight, setSight] = useState({ top: 0, height: 600 })
  const look = useCallback(() => {
    const box = ref.current
    if (box) setSight({ top: box.scrollTop, height: box.clientHeight })
  }, [])
  useEffect(() => {
    const watcher = new ResizeObserver(look)
    if (ref.current) watcher.observe(ref.current)
    return () => watcher.disconnect()
  }, [look])
  return {
    ref,
    first: Math.max(0, Math.floor(sight.top / rowPx) - AIR),
    last: Math.min(count, Math.ceil((sight.top + sight.height) / rowPx) + AIR),
    onScroll: look,
    reveal(index) {
      const box = ref.current
      if (!box || index < 0) return
      const top = index * rowPx
      if (top < box.scrollTop) box.scrollTop = top
      else if (top + rowPx > box.scrollTop + box.clientHeight - headPx)
        box.scrollTop = top + rowPx - box.clientHeight + headPx
      look()
    },
  }
}

/** Which rows of a long list are in sight: a thousand spans are scrolled as smoothly as ten. */
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'

/** Rows beyond both edges, so that nothing is blank while it is scrolled. */
const AIR = 12

export type Window = {
  ref: RefObject<HTMLTableSectionElement | null>
  first: number
  last: number
  onScroll(): void
  reveal(index: number): void
}

export function useWindow({ count, rowPx }: { count: number; rowPx: number }): Window {
  const ref = useRef<HTMLTableSectionElement>(null)
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
      else if (top + rowPx > box.scrollTop + box.clientHeight) box.scrollTop = top + rowPx - box.clientHeight
      look()
    },
  }
}

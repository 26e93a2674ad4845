/** The keys of the waterfall: arrows walk and fold the tree, Enter looks at a span, z zooms to it, + and − zoom, 0 shows all. */
import type { Span } from '@sluice/proto/rest.ts'
import type { KeyboardEvent } from 'react'
import { type Range, type Row, zoomed } from './waterfall.ts'

type Keys = {
  rows: readonly Row[]
  current: Row | undefined
  range: Range
  whole: Range
  goTo(id: string): void
  turn(id: string, isOpen: boolean): void
  onSelect(id: string): void
  onRange(range: Range | null): void
  onZoom(span: Span): void
}

const PAGE = 15

export function useTreeKeys(keys: Keys): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !doneBy(event.key, keys)) return
    event.preventDefault()
  }
}

/** Whether the key means something here. */
function doneBy(key: string, { rows, current, range, whole, goTo, turn, onSelect, onRange, onZoom }: Keys): boolean {
  if (!current) return false
  const at = rows.indexOf(current)
  const to = (index: number) => goTo(rows[Math.min(rows.length - 1, Math.max(0, index))]?.span.id ?? current.span.id)
  const { span, below, isOpen } = current
  switch (key) {
    case 'ArrowDown':
      to(at + 1)
      return true
    case 'ArrowUp':
      to(at - 1)
      return true
    case 'PageDown':
      to(at + PAGE)
      return true
    case 'PageUp':
      to(at - PAGE)
      return true
    case 'Home':
      to(0)
      return true
    case 'End':
      to(rows.length - 1)
      return true
    case 'ArrowRight':
      if (below > 0 && !isOpen) turn(span.id, true)
      else if (below > 0) to(at + 1)
      return true
    case 'ArrowLeft':
      if (below > 0 && isOpen) turn(span.id, false)
      else to(parentAt(rows, at))
      return true
    case 'Enter':
    case ' ':
      onSelect(span.id)
      return true
    case 'z':
      onZoom(span)
      return true
    case '+':
    case '=':
      onRange(zoomed(range, 0.5, whole))
      return true
    case '-':
      onRange(zoomed(range, 2, whole))
      return true
    case '0':
      onRange(null)
      return true
    default:
      return false
  }
}

function parentAt(rows: readonly Row[], at: number): number {
  const depth = rows[at]?.depth ?? 0
  return Math.max(
    0,
    rows.slice(0, at).findLastIndex((row) => row.depth < depth),
  )
}

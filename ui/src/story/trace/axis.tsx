/** The time axis: ticks, and a stretch of it chosen by drawing over it. */
import { type PointerEvent, useRef, useState } from 'react'
import { duration } from '../../parts/words.ts'
import type { Range } from './waterfall.ts'

type Props = { range: Range; whole: Range; onRange(range: Range): void }

const TICKS = [0, 0.25, 0.5, 0.75, 1]
/** What is drawn shorter is a click. */
const LEAST = 0.01

export function Axis({ range, whole, onRange }: Props) {
  const line = useRef<HTMLDivElement>(null)
  const [drawn, setDrawn] = useState<{ from: number; to: number } | null>(null)
  const at = (event: PointerEvent): number => {
    const box = line.current?.getBoundingClientRect()
    return box ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) : 0
  }
  const [left, right] = drawn ? [Math.min(drawn.from, drawn.to), Math.max(drawn.from, drawn.to)] : [0, 0]
  const span = range.to - range.from
  return (
    <div
      ref={line}
      className="axis"
      title="Draw over it to zoom to a stretch of time"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setDrawn({ from: at(event), to: at(event) })
      }}
      onPointerMove={(event) => drawn && setDrawn({ ...drawn, to: at(event) })}
      onPointerUp={() => {
        if (right - left > LEAST) onRange({ from: range.from + left * span, to: range.from + right * span })
        setDrawn(null)
      }}
      onPointerCancel={() => setDrawn(null)}
    >
      {TICKS.map((part) => (
        <span key={part} style={{ left: `${part * 100}%` }} data-last={part === 1 || undefined}>
          +{duration(range.from + part * span - whole.from)}
        </span>
      ))}
      {drawn && <i style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }} />}
    </div>
  )
}

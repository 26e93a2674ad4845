/** The waterfall itself: a tree of spans beside their bars, walked with the arrows; only what is seen is drawn. */
import type { Span } from '@sluice/proto/rest.ts'
import { useEffect, useMemo, useState } from 'react'
import { Axis } from './axis.tsx'
import { rowId, TreeRow } from './tree-row.tsx'
import { useTreeKeys } from './use-tree-keys.ts'
import { useWindow } from './use-window.ts'
import { type Kind, type Range, waterfall } from './waterfall.ts'

type Props = {
  spans: readonly Span[]
  hidden: ReadonlySet<Kind>
  now: number
  range: Range
  whole: Range
  selected: string | null
  onSelect(id: string): void
  onRange(range: Range | null): void
  onZoom(span: Span): void
}

const ROW_PX = 27

export function Tree({ spans, hidden, now, range, whole, selected, onSelect, onRange, onZoom }: Props) {
  const [shut, setShut] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(() => waterfall(spans, { now, shut, hidden }), [spans, now, shut, hidden])
  const [active, setActive] = useState<string | null>(null)
  const current = rows.find(({ span }) => span.id === (active ?? selected)) ?? rows[0]
  const seen = useWindow({ count: rows.length, rowPx: ROW_PX, headPx: ROW_PX })
  const turn = (id: string, isOpen: boolean) =>
    setShut((ids) => (isOpen ? new Set([...ids].filter((one) => one !== id)) : new Set([...ids, id])))
  const goTo = (id: string) => {
    setActive(id)
    seen.reveal(rows.findIndex(({ span }) => span.id === id))
  }
  // What the address or the panel leads to is brought into sight, once.
  const { reveal } = seen
  const at = rows.findIndex(({ span }) => span.id === selected)
  const isThere = at >= 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows that come and go meanwhile move nothing
  useEffect(() => {
    setActive(null)
    if (isThere) reveal(at)
  }, [selected, isThere])
  const onKeyDown = useTreeKeys({ rows, current, range, whole, goTo, turn, onSelect, onRange, onZoom })

  const beyond = { paddingTop: seen.first * ROW_PX, paddingBottom: Math.max(0, rows.length - seen.last) * ROW_PX }
  const choose = (id: string) => {
    setActive(id)
    onSelect(id)
  }

  return (
    <section className="tree" aria-label="Waterfall" ref={seen.ref} onScroll={seen.onScroll}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows fold is a treegrid (WAI-ARIA APG)
        role="treegrid"
        aria-label="Trace"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={current ? rowId(current.span.id) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr className="tree-row head" aria-rowindex={1}>
            <th scope="col">What</th>
            <th scope="col">Who</th>
            <th scope="col">Took</th>
            <th scope="col">Cost</th>
            <th scope="col" className="when" aria-label="When">
              <Axis range={range} whole={whole} onRange={onRange} />
            </th>
          </tr>
        </thead>
        <tbody className="tree-rows" style={beyond}>
          {rows.slice(seen.first, seen.last).map((row, i) => (
            <TreeRow
              key={row.span.id}
              {...{ row, range, now, index: seen.first + i + 2 }}
              isActive={row.span.id === current?.span.id}
              isSelected={row.span.id === selected}
              onTurn={turn}
              onSelect={choose}
              onZoom={onZoom}
            />
          ))}
        </tbody>
      </table>
    </section>
  )
}

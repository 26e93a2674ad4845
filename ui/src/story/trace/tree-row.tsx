/** One span as a row: what, who, how long, for how much, and when. */
import type { Span } from '@sluice/proto/rest.ts'
import { memo } from 'react'
import { duration, short, usd } from '../../parts/words.ts'
import { Bar } from './bar.tsx'
import { kindWords } from './kinds.ts'
import type { Range, Row } from './waterfall.ts'

export const rowId = (spanId: string): string => `span-row-${spanId}`

type Props = {
  row: Row
  /** Its place in the whole, the head being the first. */
  index: number
  range: Range
  now: number
  isActive: boolean
  isSelected: boolean
  onTurn(id: string, isOpen: boolean): void
  onSelect(id: string): void
  onZoom(span: Span): void
}

export const TreeRow = memo(function TreeRow(props: Props) {
  const { row, index, range, now, isActive, isSelected, onTurn, onSelect, onZoom } = props
  const { span, depth, below, isOpen, ms } = row
  const { word, sign } = kindWords[span.kind]
  // Focus stays on the grid, which names its active row and handles the keys.
  return (
    <tr
      id={rowId(span.id)}
      className="tree-row"
      aria-level={depth + 1}
      aria-rowindex={index}
      aria-selected={isSelected}
      {...(below > 0 ? { 'aria-expanded': isOpen } : {})}
      data-active={isActive || undefined}
      data-kind={span.kind}
      onClick={() => onSelect(span.id)}
      onDoubleClick={() => onZoom(span)}
    >
      <th scope="row" className="what" style={{ paddingLeft: depth * 14 }} title={span.name}>
        {below > 0 ? (
          <button
            type="button"
            tabIndex={-1}
            aria-label={isOpen ? `Shut ${span.name}` : `Open ${span.name}, ${below} below`}
            onClick={(event) => {
              event.stopPropagation()
              onTurn(span.id, !isOpen)
            }}
          >
            {isOpen ? '▾' : '▸'}
          </button>
        ) : (
          <i />
        )}
        <span className="sign" data-kind={span.kind} role="img" aria-label={word} title={word}>
          {sign}
        </span>
        <span className="name">{span.name}</span>
        <span className="outcome" data-failed={span.failed || undefined}>
          {span.end === null ? 'running' : span.outcome}
        </span>
      </th>
      <td className="who">{span.service}</td>
      <td className="numbers">{span.kind === 'event' ? '' : duration(ms)}</td>
      <td className="numbers" title={span.tokens > 0 ? `${short(span.tokens)} tokens` : undefined}>
        {span.costUsd > 0 ? usd(span.costUsd) : '–'}
      </td>
      <td className="when">
        <Bar {...{ span, range, now }} />
      </td>
    </tr>
  )
})

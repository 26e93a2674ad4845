/** A trace as lines: every span below the one that caused it, with who, when, how long and what it cost. */
import type { Span } from '@sluice/proto/rest.ts'
import { table } from './table.ts'
import { plain } from './terminal.ts'
import { duration, short, usd } from './units.ts'

const HEAD = ['SPAN', 'WHO', 'FROM START', 'TOOK', 'TOKENS', 'COST', 'OUTCOME']

/** `now` is where spans that still run have got to. */
export function spanTree(spans: readonly Span[], { now, width }: { now: number; width?: number }): string[] {
  const begin = Math.min(...spans.map(({ start }) => start))
  const rows = inOrder(spans).map(({ span, branch }) => [
    branch + plain(span.name),
    plain(span.service),
    `+${duration(span.start - begin)}`,
    span.end === null ? `${duration(now - span.start)} …` : duration(span.end - span.start),
    span.tokens > 0 ? short(span.tokens) : '',
    span.costUsd > 0 ? usd(span.costUsd) : '',
    plain(span.outcome),
  ])
  return table(rows, { head: HEAD, right: [2, 3, 4, 5], flexible: 0, ...(width !== undefined && { width }) })
}

type Placed = { span: Span; branch: string }

/** Depth first, children in the order they began. A span whose parent is not told of stands at the top. */
function inOrder(spans: readonly Span[]): Placed[] {
  const known = new Set(spans.map(({ id }) => id))
  const childrenOf = Map.groupBy(spans, ({ parent }) => (parent !== null && known.has(parent) ? parent : null))
  const below = (parent: string | null, indent: string): Placed[] => {
    const children = (childrenOf.get(parent) ?? []).toSorted((a, b) => a.start - b.start)
    return children.flatMap((span, i) => {
      const last = i === children.length - 1
      const top = parent === null
      const branch = top ? '' : `${indent}${last ? '└ ' : '├ '}`
      return [{ span, branch }, ...below(span.id, top ? '' : `${indent}${last ? '  ' : '│ '}`)]
    })
  }
  return below(null, '')
}

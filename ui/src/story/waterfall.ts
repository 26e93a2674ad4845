/** A trace as rows: children under their parents, each with its place on the time line in parts of the whole. */
import type { Span } from '@sluice/proto/rest.ts'

export type Row = { span: Span; depth: number; left: number; width: number; ms: number }

/** A span that still runs ends `now`. One whose parent is not there stands at the root. */
export function waterfall(spans: readonly Span[], now: number): Row[] {
  if (spans.length === 0) return []
  const known = new Set(spans.map(({ id }) => id))
  const children = Map.groupBy(spans, ({ parent }) => (parent !== null && known.has(parent) ? parent : null))
  const end = (span: Span) => Math.max(span.start, span.end ?? now)
  const first = Math.min(...spans.map(({ start }) => start))
  const whole = Math.max(1, Math.max(...spans.map(end)) - first)

  const rows = (parent: string | null, depth: number): Row[] =>
    (children.get(parent) ?? [])
      .toSorted((a, b) => a.start - b.start)
      .flatMap((span) => {
        const ms = end(span) - span.start
        const row = { span, depth, left: (span.start - first) / whole, width: ms / whole, ms }
        return [row, ...rows(span.id, depth + 1)]
      })
  return rows(null, 0)
}

/** A trace as rows: children under their parents, each with its place in the stretch of time that is looked at. */
import type { Span } from '@sluice/proto/rest.ts'

/** Milliseconds since the epoch. */
export type Range = { from: number; to: number }

export type Row = {
  span: Span
  depth: number
  /** What hangs below it; shut, it is not shown. */
  below: number
  isOpen: boolean
  ms: number
}

export type Kind = Span['kind']

export const endOf = (span: Span, now: number): number => Math.max(span.start, span.end ?? now)

/** All of it, whatever is looked at. */
export function wholeOf(spans: readonly Span[], now: number): Range {
  if (spans.length === 0) return { from: now, to: now + 1 }
  const from = spans.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY)
  const to = spans.reduce((most, span) => Math.max(most, endOf(span, now)), from + 1)
  return { from, to }
}

export type Shown = {
  now: number
  /** Ids of rows whose children are hidden. */
  shut: ReadonlySet<string>
  /** Kinds that are left out; what hangs below them moves up. */
  hidden: ReadonlySet<Kind>
}

/** A span whose parent is not there stands at the root. */
export function waterfall(spans: readonly Span[], { now, shut, hidden }: Shown): Row[] {
  const byId = new Map(spans.map((span) => [span.id, span]))
  const shownParent = (span: Span): string | null => {
    const parent = byId.get(span.parent ?? '')
    if (!parent) return null
    return hidden.has(parent.kind) ? shownParent(parent) : parent.id
  }
  const children = Map.groupBy(
    spans.filter(({ kind }) => !hidden.has(kind)),
    shownParent,
  )
  const below = (id: string): number => (children.get(id) ?? []).reduce((sum, child) => sum + 1 + below(child.id), 0)
  const rows: Row[] = []
  const add = (parent: string | null, depth: number): void => {
    for (const span of (children.get(parent) ?? []).toSorted((a, b) => a.start - b.start)) {
      const isOpen = !shut.has(span.id)
      rows.push({ span, depth, below: below(span.id), isOpen, ms: endOf(span, now) - span.start })
      if (isOpen) add(span.id, depth + 1)
    }
  }
  add(null, 0)
  return rows
}

/** Where a span stands in a range, in parts of it; null when it is outside. */
export function placeIn({ from, to }: Range, span: Span, now: number): { left: number; width: number } | null {
  const end = endOf(span, now)
  if (end < from || span.start > to) return null
  const whole = Math.max(1, to - from)
  const left = Math.max(0, (span.start - from) / whole)
  return { left, width: Math.min(1, (end - from) / whole) - left }
}

/** A little air on both sides, so that what is zoomed to does not touch the edge. */
export function rangeAround({ start, end }: { start: number; end: number }): Range {
  const air = Math.max(1, (end - start) * 0.04)
  return { from: start - air, to: end + air }
}

/** Around its middle, never wider than the whole. */
export function zoomed({ from, to }: Range, factor: number, whole: Range): Range {
  const [middle, half] = [(from + to) / 2, ((to - from) * factor) / 2]
  return { from: Math.max(whole.from, middle - half), to: Math.min(whole.to, middle + half) }
}

/** What stands at work side by side: each service has a lane, each lane as many tracks as it needs. */
export function lanesOf(spans: readonly Span[], now: number): { service: string; tracks: Span[][] }[] {
  const working = spans.filter(({ kind }) => !framing.has(kind)).toSorted((a, b) => a.start - b.start)
  return [...Map.groupBy(working, ({ service }) => service)].map(([service, own]) => {
    const tracks: Span[][] = []
    for (const span of own) {
      const free = tracks.find((track) => endOf(track.at(-1) ?? span, now) <= span.start)
      if (free) free.push(span)
      else tracks.push([span])
    }
    return { service, tracks }
  })
}

const framing: ReadonlySet<Kind> = new Set(['story', 'stage', 'request', 'attempt', 'event'])

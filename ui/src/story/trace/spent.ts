/** Where the time went: every moment of a stage counted once, for whoever was at work or was waited for. */
import type { Span } from '@sluice/proto/rest.ts'
import { endOf } from './waterfall.ts'

/** In this order one comes before the other where several are at it: work before waiting. */
export const spenders = ['model', 'tool', 'check', 'person', 'wait', 'other'] as const
export type Spender = (typeof spenders)[number]
export type Spent = { stage: string; id: string; ms: number; costUsd: number; by: Record<Spender, number> }

export function timeSpent(spans: readonly Span[], now: number): Spent[] {
  const children = Map.groupBy(spans, ({ parent }) => parent)
  const within = (id: string): Span[] => (children.get(id) ?? []).flatMap((span) => [span, ...within(span.id)])
  return spans
    .filter(({ kind }) => kind === 'stage')
    .map((stage) => {
      const [start, end] = [stage.start, endOf(stage, now)]
      const by = shares(within(stage.id), { start, end, now })
      return { stage: stage.name, id: stage.id, ms: end - start, costUsd: stage.costUsd, by }
    })
}

export const noTime = (): Record<Spender, number> => ({ model: 0, tool: 0, check: 0, person: 0, wait: 0, other: 0 })

/** Walks from one beginning or end to the next, and gives the time between to the first who was at it. */
function shares(spans: readonly Span[], { start, end, now }: { start: number; end: number; now: number }) {
  const by = noTime()
  const edges = spans.filter(isSpent).flatMap((span) => [
    { at: clamp(span.start, start, end), kind: span.kind, step: 1 },
    { at: clamp(endOf(span, now), start, end), kind: span.kind, step: -1 },
  ])
  const open = noTime()
  let last = start
  for (const { at, kind, step } of edges.sort((a, b) => a.at - b.at)) {
    by[spenders.find((one) => open[one] > 0) ?? 'other'] += at - last
    open[kind] += step
    last = at
  }
  by.other += end - last
  return by
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))
const isSpent = (span: Span): span is Span & { kind: Exclude<Spender, 'other'> } =>
  (spenders as readonly string[]).includes(span.kind)

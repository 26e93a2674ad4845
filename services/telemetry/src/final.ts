/** Which spans of a trace are told to their end: those will not change, whatever is still recorded. Pure. */
import type { Span, Trace } from '@sluice/proto/rest.ts'

/** Story and stages are final when the story has ended: a stage may be gone back to until then. */
export function finalSpans({ spans }: Trace): Span[] {
  const ended = spans.some(({ parent, end }) => parent === null && end !== null)
  const held = lastCalls(spans)
  return spans.filter(({ id, kind, end }) => {
    if (end === null || held.has(id)) return false
    return ended || (kind !== 'story' && kind !== 'stage')
  })
}

/** The last call of a run at work: the entry after it may still say that it was lost. */
function lastCalls(spans: readonly Span[]): Set<string> {
  const requestOf = new Map<string, string>()
  for (const { id, kind, end } of spans) if (kind === 'request' && end === null) requestOf.set(id, id)
  const last = new Map<string, Span>()
  for (const span of spans) {
    const request = requestOf.get(span.parent ?? '')
    if (!request || span.kind === 'event') continue
    requestOf.set(span.id, request)
    last.set(request, span)
  }
  return new Set([...last.values()].flatMap(({ id, kind }) => (kind === 'model' ? [id] : [])))
}

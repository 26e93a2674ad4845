/** A span on the time line: its colour and pattern say the kind, its place the time. */
import type { Span } from '@sluice/proto/rest.ts'
import { placeIn, type Range } from './waterfall.ts'

export function Bar({ span, range, now }: { span: Span; range: Range; now: number }) {
  const place = placeIn(range, span, now)
  if (!place) return null
  return (
    <span
      className="bar"
      data-kind={span.kind}
      data-open={span.end === null || undefined}
      data-failed={span.failed || undefined}
      style={{
        left: `${place.left * 100}%`,
        ...(span.kind === 'event' ? {} : { width: `max(3px, ${place.width * 100}%)` }),
      }}
    />
  )
}

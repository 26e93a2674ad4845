/** The story as lanes: what each service was doing, and what it did side by side. */
import type { Span } from '@sluice/proto/rest.ts'
import { useMemo } from 'react'
import { duration } from '../../parts/words.ts'
import { Axis } from './axis.tsx'
import { Bar } from './bar.tsx'
import { kindWords } from './kinds.ts'
import { endOf, type Kind, lanesOf, placeIn, type Range } from './waterfall.ts'

type Props = {
  spans: readonly Span[]
  hidden: ReadonlySet<Kind>
  now: number
  range: Range
  whole: Range
  selected: string | null
  onSelect(id: string): void
  onRange(range: Range): void
}

export function Lanes({ spans, hidden, now, range, whole, selected, onSelect, onRange }: Props) {
  const lanes = useMemo(
    () =>
      lanesOf(
        spans.filter(({ kind }) => !hidden.has(kind)),
        now,
      ),
    [spans, hidden, now],
  )
  return (
    <section className="lanes" aria-label="Lanes by service">
      <div className="lane">
        <span />
        <Axis range={range} whole={whole} onRange={onRange} />
      </div>
      {lanes.map(({ service, tracks }) => (
        <section className="lane" key={service} aria-label={service}>
          <b>{service}</b>
          <div>
            {tracks.map((track) => (
              <div className="track" key={track[0]?.id}>
                {track
                  .filter((span) => placeIn(range, span, now))
                  .map((span) => (
                    <LaneSpan key={span.id} {...{ span, range, now, onSelect, isSelected: span.id === selected }} />
                  ))}
              </div>
            ))}
          </div>
        </section>
      ))}
    </section>
  )
}

type LaneProps = { span: Span; range: Range; now: number; isSelected: boolean; onSelect(id: string): void }

function LaneSpan({ span, range, now, isSelected, onSelect }: LaneProps) {
  const name = `${kindWords[span.kind].word}: ${span.name}, ${duration(endOf(span, now) - span.start)}`
  return (
    <button type="button" aria-label={name} aria-pressed={isSelected} title={name} onClick={() => onSelect(span.id)}>
      <Bar {...{ span, range, now }} />
    </button>
  )
}

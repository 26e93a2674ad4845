/** The kinds of spans with their signs and colours: each can be left out and taken back in. */
import type { Span } from '@sluice/proto/rest.ts'
import { useMemo } from 'react'
import { kindWords, optional } from './kinds.ts'
import type { Kind } from './waterfall.ts'

type Props = { spans: readonly Span[]; hidden: ReadonlySet<Kind>; onChange(hidden: ReadonlySet<Kind>): void }

export function Legend({ spans, hidden, onChange }: Props) {
  const counts = useMemo(() => Map.groupBy(spans, ({ kind }) => kind), [spans])
  const turn = (kind: Kind) =>
    onChange(hidden.has(kind) ? new Set([...hidden].filter((one) => one !== kind)) : new Set([...hidden, kind]))
  return (
    <fieldset className="legend">
      <legend>Shown</legend>
      {optional.map((kind) => {
        const { word, sign, about } = kindWords[kind]
        const n = counts.get(kind)?.length ?? 0
        return (
          <button
            key={kind}
            type="button"
            aria-pressed={!hidden.has(kind)}
            disabled={n === 0}
            title={about}
            onClick={() => turn(kind)}
          >
            <span className="swatch" data-kind={kind} aria-hidden="true" />
            <span aria-hidden="true">{sign}</span> {word} <span className="numbers">{n}</span>
          </button>
        )
      })}
    </fieldset>
  )
}

/** Where the time of each stage went: one bar a stage, the same numbers beside it. */
import type { Span } from '@sluice/proto/rest.ts'
import { useMemo } from 'react'
import { duration, usd } from '../../parts/words.ts'
import { spenderWords } from './kinds.ts'
import { noTime, type Spender, type Spent, spenders, timeSpent } from './spent.ts'

type Props = { spans: readonly Span[]; now: number; onStage(id: string): void }

export function TimeSpent({ spans, now, onStage }: Props) {
  const stages = useMemo(() => timeSpent(spans, now), [spans, now])
  if (stages.length === 0) return null
  const total = stages.reduce<Spent>(add, { stage: 'All stages', id: '', ms: 0, costUsd: 0, by: noTime() })
  const longest = Math.max(1, ...stages.map(({ ms }) => ms))
  return (
    <div className="fit">
      <table className="spent">
        <caption>Where the time went</caption>
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col" className="bars">
              <span className="visually-hidden">Shares</span>
            </th>
            {spenders.map((one) => (
              <th key={one} scope="col">
                <span className="swatch" data-kind={one} aria-hidden="true" /> {spenderWords[one]}
              </th>
            ))}
            <th scope="col">Took</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {stages.map((one) => (
            <Row key={one.id} spent={one} longest={longest} onStage={onStage} />
          ))}
        </tbody>
        <tfoot>
          <Row spent={total} longest={total.ms} />
        </tfoot>
      </table>
    </div>
  )
}

const add = (sum: Spent, one: Spent): Spent => ({
  ...sum,
  ms: sum.ms + one.ms,
  costUsd: sum.costUsd + one.costUsd,
  by: Object.fromEntries(spenders.map((who) => [who, sum.by[who] + one.by[who]])) as Record<Spender, number>,
})

function Row({ spent, longest, onStage }: { spent: Spent; longest: number; onStage?: (id: string) => void }) {
  const { stage, id, ms, costUsd, by } = spent
  return (
    <tr>
      <th scope="row">
        {onStage ? (
          <button type="button" className="link" onClick={() => onStage(id)}>
            {stage}
          </button>
        ) : (
          stage
        )}
      </th>
      <td className="bars">
        <div className="shares" style={{ width: `${(ms / Math.max(1, longest)) * 100}%` }} aria-hidden="true">
          {spenders.map((one) => (
            <span key={one} data-kind={one} style={{ flexGrow: by[one] }} />
          ))}
        </div>
      </td>
      {spenders.map((one) => (
        <td key={one} className="numbers">
          {by[one] > 0 ? duration(by[one]) : '–'}
        </td>
      ))}
      <td className="numbers">{duration(ms)}</td>
      <td className="numbers">{costUsd > 0 ? usd(costUsd) : '–'}</td>
    </tr>
  )
}

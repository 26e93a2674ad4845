/** A column a stage. A card is drawn anew only when its own story moved. */
import { Badge, Group, Progress, Text } from '@mantine/core'
import type { Card } from '@sluice/proto/rest.ts'
import { memo, useState } from 'react'
import { Link } from 'wouter'
import { Ago } from '../parts/time.tsx'
import { usd } from '../parts/words.ts'
import { type Column, spentPart } from './columns.ts'

/** More than this in one column is shown when asked for. */
const FIRST_SHOWN = 40

export function Columns({ columns }: { columns: readonly Column[] }) {
  const tracks = columns.map(({ cards }) => (cards.length > 0 ? 'minmax(156px, 2fr)' : 'minmax(132px, 1fr)')).join(' ')
  return (
    <div className="board" style={{ '--tracks': tracks } as React.CSSProperties}>
      {columns.map((column) => (
        <ColumnView key={column.name} column={column} />
      ))}
    </div>
  )
}

function ColumnView({ column: { name, cards } }: { column: Column }) {
  const [all, setAll] = useState(false)
  const shown = all ? cards : cards.slice(0, FIRST_SHOWN)
  return (
    <section className="column" aria-label={name} data-empty={cards.length === 0 || undefined}>
      <h2>
        {name} <span className="numbers">{cards.length}</span>
      </h2>
      <ul>
        {shown.map((card) => (
          <CardView key={card.id} card={card} />
        ))}
      </ul>
      {shown.length < cards.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {cards.length}
        </button>
      )}
    </section>
  )
}

const CardView = memo(function CardView({ card }: { card: Card }) {
  const { id, title, waitingFor, needsPerson, working, round, usage, budgetUsd, auto, updated, commit } = card
  return (
    <li className="card" data-needs={needsPerson || undefined}>
      <Link href={`/stories/${id}`} className="card-title">
        {title}
      </Link>
      {(needsPerson || auto || round > 1) && (
        <Group gap={4}>
          {needsPerson && (
            <Badge size="sm" color="attention">
              Needs you
            </Badge>
          )}
          {auto && (
            <Badge size="sm" color="grape" variant="light" title="Gates are approved by policy, without a person.">
              Auto
            </Badge>
          )}
          {round > 1 && (
            <Badge size="sm" color="gray" variant="light">
              Round {round}
            </Badge>
          )}
        </Group>
      )}
      {waitingFor && <p className="card-wait">{waitingFor}</p>}
      {working.length > 0 && (
        <p className="card-work">
          <span className="pulse" aria-hidden="true" />
          {working.join(', ')} at work
        </p>
      )}
      {commit && <p className="card-commit numbers">{commit.slice(0, 10)}</p>}
      <Progress
        size={3}
        value={spentPart(card) * 100}
        color={spentPart(card) > 0.8 ? 'orange' : 'teal'}
        aria-label="Part of the budget spent"
      />
      <Group justify="space-between" gap={4}>
        <Text size="xs" c="dimmed" className="numbers">
          {usd(usage.costUsd)} of {usd(budgetUsd)}
        </Text>
        <Text size="xs" c="dimmed">
          <Ago at={updated} />
        </Text>
      </Group>
    </li>
  )
})

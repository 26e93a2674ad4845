/** A column a stage. A card is drawn anew only when its own story moved. */
import { Badge, Group, Progress, Text } from '@mantine/core'
import type { Card } from '@sluice/proto/rest.ts'
import { memo } from 'react'
import { Link } from 'wouter'
import { Ago } from '../parts/time.tsx'
import { usd } from '../parts/words.ts'
import { type Column, spentPart } from './columns.ts'
import { Windowed } from './windowed.tsx'

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

const ColumnView = memo(
  function ColumnView({ column: { name, cards } }: { column: Column }) {
    return (
      <section className="column" aria-label={name} data-empty={cards.length === 0 || undefined}>
        <h2>
          {name} <span className="numbers">{cards.length}</span>
        </h2>
        <Windowed items={cards} keyOf={idOf} draw={drawCard} estimate={CARD_PX} />
      </section>
    )
  },
  // A column is drawn anew only when one of its own cards is another, or stands elsewhere.
  (before, now) =>
    before.column.cards.length === now.column.cards.length &&
    before.column.cards.every((card, i) => card === now.column.cards[i]),
)

/** About as high as a card is, for those that were never on the screen. */
const CARD_PX = 118
const idOf = ({ id }: Card): string => id
const drawCard = (card: Card) => <CardView card={card} />

const CardView = memo(function CardView({ card }: { card: Card }) {
  const { id, title, waitingFor, needsPerson, working, round, usage, budgetUsd, auto, held, chosen, updated, commit } =
    card
  return (
    <div className="card" data-needs={needsPerson || undefined}>
      <Link href={`/stories/${id}`} className="card-title">
        {title}
      </Link>
      {(needsPerson || auto || held || round > 1) && (
        <Group gap={4}>
          {needsPerson && (
            <Badge size="sm" color="attention">
              Needs you
            </Badge>
          )}
          {held && (
            <Badge size="sm" color="blue" variant="light">
              {held === 'lent' ? 'You have it' : held}
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
      {chosen && <p className="card-chosen">{chosen}</p>}
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
    </div>
  )
})

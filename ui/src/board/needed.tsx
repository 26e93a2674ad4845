/** Every story that waits for the person, longest first, one click from its decision in the inbox. */
import { Text, Title } from '@mantine/core'
import type { Card } from '@sluice/proto/rest.ts'
import { memo, useState } from 'react'
import { Link } from 'wouter'
import { Ago } from '../parts/time.tsx'

/** The board is in sight below them. */
const FIRST_SHOWN = 8

export function Needed({ cards }: { cards: readonly Card[] }) {
  const [all, setAll] = useState(false)
  const shown = all ? cards : cards.slice(0, FIRST_SHOWN)
  return (
    <section aria-labelledby="needed" className="needed" data-any={cards.length > 0 || undefined}>
      <Title order={2} size="h5" id="needed">
        Needs you{cards.length > 0 && ` · ${cards.length}`}
      </Title>
      {cards.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing waits for you.
        </Text>
      ) : (
        <ul>
          {shown.map((card) => (
            <Item key={card.id} card={card} />
          ))}
        </ul>
      )}
      {shown.length < cards.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {cards.length}
        </button>
      )}
    </section>
  )
}

const Item = memo(function Item({ card }: { card: Card }) {
  return (
    <li>
      <Link href={`/inbox/${card.id}`}>
        <span className="needed-title">{card.title}</span>
        <span className="needed-why">{card.waitingFor}</span>
        <span className="needed-since">
          <Ago at={card.wants?.since ?? card.updated} />
        </span>
      </Link>
    </li>
  )
})

/** Every story that waits for the person, longest first, one click from its decision in the inbox. */
import { Text, Title } from '@mantine/core'
import type { Card } from '@sluice/proto/rest.ts'
import { memo } from 'react'
import { Link } from 'wouter'
import { Ago } from '../parts/time.tsx'

export function Needed({ cards }: { cards: readonly Card[] }) {
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
          {cards.map((card) => (
            <Item key={card.id} card={card} />
          ))}
        </ul>
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

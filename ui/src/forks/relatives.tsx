/** The stories that come from the same first one: where they stand, and the way to look at both. */
import { Anchor, Group, Text } from '@mantine/core'
import { familyOf } from '@sluice/proto/family.ts'
import { Link } from 'wouter'
import { useCards } from '../live/hooks.ts'

export function Relatives({ id }: { id: string }) {
  const cards = useCards()
  const family = cards ? familyOf([...cards.values()], id).filter((card) => card.id !== id) : []
  if (family.length === 0) return null
  const parent = cards?.get(id)?.parent
  return (
    <Group gap="sm" role="group" aria-label="Forks">
      {family.map((card) => (
        <Text key={card.id} size="sm">
          {card.id === parent ? 'Fork of' : 'Beside'}{' '}
          <Anchor component={Link} href={`/stories/${card.id}`} size="sm">
            {card.title}
          </Anchor>{' '}
          ({card.stage}) ·{' '}
          <Anchor
            component={Link}
            href={`/compare/${id}/${card.id}`}
            size="sm"
            aria-label={`Compare with ${card.title}`}
          >
            compare
          </Anchor>
        </Text>
      ))}
    </Group>
  )
}

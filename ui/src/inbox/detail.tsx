/** One item: what it asks, how to answer, and all that the answer should rest on. */
import { Anchor, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import type { Card } from '@sluice/proto/rest.ts'
import { useMemo } from 'react'
import { Link } from 'wouter'
import { HoldPanel } from '../hand/hold-panel.tsx'
import { useStory } from '../live/hooks.ts'
import { eventsOf, type StoryLog } from '../live/story-log.ts'
import { Ago } from '../parts/time.tsx'
import { short, tokensOf, usd } from '../parts/words.ts'
import { ParkedMessage } from '../services/parked-message.tsx'
import { Decision } from '../story/decision.tsx'
import { tabOf } from '../story/stages.ts'
import { Evidence } from './evidence.tsx'
import type { Item } from './order.ts'

export function Detail({ item, onSent }: { item: Item; onSent(): void }) {
  if (item.kind === 'parked')
    return (
      <Stack gap="sm">
        <Title order={2} size="h4">
          A message nobody could read
        </Title>
        <ParkedMessage message={item.message} onSent={onSent} />
      </Stack>
    )
  return <StoryItem card={item.card} />
}

function StoryItem({ card }: { card: Card }) {
  const found = useStory(card.id)
  return (
    <Stack gap="md">
      <Group justify="space-between" align="start" gap="xs">
        <Title order={2} size="h3" className="title">
          {card.title}
        </Title>
        <Anchor component={Link} href={`/stories/${card.id}`} size="sm">
          Open the story
        </Anchor>
      </Group>
      <Text size="sm" c="dimmed" className="numbers">
        {usd(card.usage.costUsd)} of {usd(card.budgetUsd)} · {short(tokensOf(card.usage))} tokens
        {card.round > 0 && ` · round ${card.round}`}
        {card.wants && (
          <>
            {' · waits since '}
            <Ago at={card.wants.since} />
          </>
        )}
      </Text>
      {found.state === 'loading' && <Skeleton height={320} />}
      {found.state === 'missing' && <Text c="dimmed">Nothing is recorded of this story.</Text>}
      {found.state === 'here' && <Read log={found.log} />}
    </Stack>
  )
}

function Read({ log }: { log: StoryLog }) {
  const { story } = log
  const events = useMemo(() => eventsOf(log), [log])
  if (!story) return null
  return (
    <>
      {story.hold && <HoldPanel story={story} hold={story.hold} />}
      <Decision story={story} tab={tabOf(story.gate?.gate)} events={events} />
      <Evidence story={story} events={events} />
    </>
  )
}

/** The board: what needs the person first, then every story by its stage, moving as it moves. */
import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { useKeys } from '../keys/use-keys.ts'
import { useCards, useConnection } from '../live/hooks.ts'
import { Ago } from '../parts/time.tsx'
import { count } from '../parts/words.ts'
import './board.css'
import { boardView, everything, matching } from './columns.ts'
import { Columns } from './columns-view.tsx'
import { FilterBar } from './filter-bar.tsx'
import { Needed } from './needed.tsx'

const NewStory = lazy(() => import('./new-story.tsx'))

export function BoardPage() {
  const cards = useCards()
  const [params, setParams] = useSearchParams()
  const asking = params.has('new')
  const open = () => setParams({ new: '' })
  const close = () => setParams({})
  useKeys({ n: open })
  const [filter, setFilter] = useState(everything)
  const wanted = useDeferredValue(filter)
  const view = useMemo(() => (cards ? boardView(matching(cards.values(), wanted)) : null), [cards, wanted])
  if (!view) return <Loading />
  if (cards?.size === 0) return <Empty />
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1} size="h3">
          Stories
        </Title>
        <FilterBar filter={filter} onChange={setFilter} />
        {!asking && <Button onClick={open}>New story</Button>}
      </Group>
      {asking && (
        <Suspense fallback={<Skeleton height={320} />}>
          <NewStory onClose={close} />
        </Suspense>
      )}
      <Needed cards={view.needed} />
      <Columns columns={view.columns} />
      {view.cancelled.length > 0 && (
        <details className="cancelled">
          <summary>{count(view.cancelled.length, 'cancelled story', 'cancelled stories')}</summary>
          <ul>
            {view.cancelled.map((card) => (
              <li key={card.id}>
                <Link href={`/stories/${card.id}`}>{card.title}</Link>{' '}
                <Text span size="sm" c="dimmed">
                  <Ago at={card.updated} />
                </Text>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Stack>
  )
}

function Empty() {
  return (
    <Stack gap="md" maw={760} mx="auto">
      <Title order={1} size="h3">
        No story yet
      </Title>
      <Text>
        Say what you would like to change. Agents scope it, design it, plan it, build it and review it, each on this
        machine; after each stage it waits here for your decision.
      </Text>
      <Suspense fallback={<Skeleton height={320} />}>
        <NewStory />
      </Suspense>
    </Stack>
  )
}

function Loading() {
  const away = useConnection().state === 'away'
  if (away) return <Text c="dimmed">The board is shown as soon as Sluice answers.</Text>
  return (
    <Stack aria-busy="true" aria-label="Loading the board">
      <Skeleton height={28} width={160} />
      <Group grow align="start">
        {[220, 160, 190, 120].map((height) => (
          <Skeleton key={height} height={height} />
        ))}
      </Group>
    </Stack>
  )
}

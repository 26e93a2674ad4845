/** What a decision rests on, beside it: the criteria, the pictures, the plan, the verdicts with the patch, what was spent. */
import { Skeleton, Stack, Text, Title } from '@mantine/core'
import type { Event } from '@sluice/proto/events.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import { lazy, Suspense, useMemo } from 'react'
import { DesignTab } from '../story/design-tab.tsx'
import { Plan } from '../story/plan.tsx'
import { RequirementsView } from '../story/requirements-view.tsx'
import { roundsOf } from '../story/rounds.ts'
import { Seats } from '../story/seats.tsx'
import { Request, Spent } from '../story/summary.tsx'

const Changes = lazy(() => import('../story/changes.tsx'))

export function Evidence({ story, events }: { story: Story; events: readonly Event[] }) {
  const gate = story.gate?.gate
  const asked = stepsOf(story).some(({ step }) => step.at === 'paused' && step.waiting.kind === 'budget')
  if (gate === 'design') return <DesignTab story={story} />
  if (gate === 'architecture') return <Plan story={story} />
  if (gate === 'review') return <Reviewed story={story} events={events} />
  return (
    <Stack gap="md">
      {asked && <Spent story={story} />}
      <Scope story={story} />
    </Stack>
  )
}

function Scope({ story }: { story: Story }) {
  const { scope } = story.steps
  const result = scope.at === 'done' ? scope.result : story.drafts.scope
  return (
    <Stack gap="lg" className="measure">
      {result && <RequirementsView requirements={result.requirements} sentBack={scope.at !== 'done'} />}
      <Request story={story} />
    </Stack>
  )
}

function Reviewed({ story, events }: { story: Story; events: readonly Event[] }) {
  const rounds = useMemo(() => roundsOf(events, story.policy.seats), [events, story.policy.seats])
  return (
    <Stack gap="md">
      <Title order={3} size="h5">
        Verdicts
      </Title>
      <Seats story={story} />
      <Title order={3} size="h5">
        Changes
      </Title>
      <Suspense fallback={<Skeleton height={240} />}>
        {rounds.length > 0 ? (
          <Changes rounds={rounds} story={story} />
        ) : (
          <Text c="dimmed">No round was handed in.</Text>
        )}
      </Suspense>
    </Stack>
  )
}

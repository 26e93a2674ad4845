/** What the story asks of the person, each with the way to answer it. */
import { Stack, Text } from '@mantine/core'
import type { Event } from '@sluice/proto/events.ts'
import type { Story } from '@sluice/proto/story.ts'
import { lazy, Suspense } from 'react'
import { type Asks, asksNothing, asksOf } from './asks.ts'
import { GatePanel } from './gate-panel.tsx'
import { PermissionsPanel } from './permissions-panel.tsx'
import { QuestionsPanel } from './questions-panel.tsx'
import type { Tab } from './stages.ts'
import { versionsOf } from './versions.ts'
import { BudgetPanel, StuckPanel } from './wait-panels.tsx'

const Changed = lazy(() => import('./changed.tsx'))

export function Decision({ story, tab, events }: { story: Story; tab: Tab; events: readonly Event[] }) {
  const asks = asksOf(story)
  const { gate, questions, permissions, budget, stuck, waits } = asks
  if (asksNothing(asks)) return waits.length > 0 ? <Waits waits={waits} /> : null
  return (
    <Stack gap="sm" component="section" aria-label="Your decision">
      {gate && <GatePanel key={`${gate.event} ${gate.digest}`} story={story} gate={gate} tab={tab} />}
      {gate && versionsOf(events, gate.gate).before && (
        <Suspense>
          <Changed gate={gate} events={events} />
        </Suspense>
      )}
      {questions.map((asked) => (
        <QuestionsPanel key={asked.request} id={story.id} {...asked} />
      ))}
      {permissions.map((asked) => (
        <PermissionsPanel key={asked.request} id={story.id} {...asked} />
      ))}
      {budget && <BudgetPanel key={`${budget.line} ${budget.at ?? budget.budgetUsd}`} story={story} waiting={budget} />}
      {stuck.length > 0 && <StuckPanel key={stuck.map((s) => s.request).join()} id={story.id} stuck={stuck} />}
    </Stack>
  )
}

function Waits({ waits }: Pick<Asks, 'waits'>) {
  return (
    <Stack gap="xs" component="section" aria-label="What it waits for">
      {waits.map(({ role, request, what }) => (
        <Text size="sm" className="panel" key={`${role} ${request}`}>
          <b>{role} waits.</b> {what}
        </Text>
      ))}
    </Stack>
  )
}

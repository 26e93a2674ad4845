/** What the story asks of the person, each with the way to answer it. */
import { Stack } from '@mantine/core'
import type { Event } from '@sluice/proto/events.ts'
import type { Story } from '@sluice/proto/story.ts'
import { lazy, Suspense } from 'react'
import { asksNothing, asksOf } from './asks.ts'
import { GatePanel } from './gate-panel.tsx'
import { QuestionsPanel } from './questions-panel.tsx'
import type { Tab } from './stages.ts'
import { versionsOf } from './versions.ts'
import { BudgetPanel, StuckPanel } from './wait-panels.tsx'

const Changed = lazy(() => import('./changed.tsx'))

export function Decision({ story, tab, events }: { story: Story; tab: Tab; events: readonly Event[] }) {
  const asks = asksOf(story)
  if (asksNothing(asks)) return null
  const { gate, questions, budget, stuck } = asks
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
      {budget && <BudgetPanel key={budget.budgetUsd} id={story.id} waiting={budget} />}
      {stuck.length > 0 && <StuckPanel key={stuck.map((s) => s.request).join()} id={story.id} stuck={stuck} />}
    </Stack>
  )
}

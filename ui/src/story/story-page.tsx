/** One story: where it stands, what it asks of the person, and everything it left. */
import { Skeleton, Stack, Tabs } from '@mantine/core'
import type { Story } from '@sluice/proto/story.ts'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import { Hand } from '../hand/hand.tsx'
import { useStory } from '../live/hooks.ts'
import { eventsOf, type StoryLog } from '../live/story-log.ts'
import { Missing } from '../places/elsewhere.tsx'
import { Decision } from './decision.tsx'
import { DesignTab } from './design-tab.tsx'
import { EventsTab } from './events/events-tab.tsx'
import { Head } from './head.tsx'
import { Overview } from './overview.tsx'
import { Plan } from './plan.tsx'
import { PreviewPanel } from './preview-panel.tsx'
import { ReviewTab } from './review-tab.tsx'
import { roundsOf } from './rounds.ts'
import { RunsTab } from './runs-tab.tsx'
import { isTab, type Tab, tabOf, tabs } from './stages.ts'
import { TraceTab } from './trace/trace-tab.tsx'

const Changes = lazy(() => import('./changes.tsx'))

export default function StoryPage({ id, tab }: { id: string; tab: string | undefined }) {
  const found = useStory(id)
  if (found.state === 'missing') return <Missing id={id} />
  if (found.state === 'loading') return <Loading />
  const { story } = found.log
  return story ? <Shown log={found.log} story={story} tab={tab} /> : <Missing id={id} />
}

function Shown({ log, story, tab }: { log: StoryLog; story: Story; tab: string | undefined }) {
  const [, goTo] = useLocation()
  // A gate that opens while somebody reads does not turn the page.
  const [first] = useState<Tab>(() => tabOf(story.gate?.gate))
  const shown = isTab(tab) ? tab : first
  const events = useMemo(() => eventsOf(log), [log])
  const rounds = useMemo(() => roundsOf(events, story.policy.seats), [events, story.policy.seats])
  const open = story.findings.filter((f) => !(f.id in story.dismissed) && !(f.id in story.resolved)).length
  return (
    <Stack gap="md" maw={1240} mx="auto">
      <Head story={story} />
      <Hand story={story} />
      <Decision story={story} tab={shown} events={events} />
      {story.judged && <PreviewPanel story={story} />}
      <Tabs
        value={shown}
        onChange={(name) => goTo(`/stories/${story.id}/${name}`, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List aria-label="About this story">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {name}
              {name === 'review' && open > 0 && <span className="tab-count"> {open}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={shown} pt="md">
          {shown === 'overview' && <Overview story={story} />}
          {shown === 'design' && <DesignTab story={story} />}
          {shown === 'plan' && <Plan story={story} />}
          {shown === 'changes' && (
            <Suspense fallback={<Skeleton height={240} />}>
              <Changes rounds={rounds} story={story} />
            </Suspense>
          )}
          {shown === 'review' && <ReviewTab rounds={rounds} story={story} />}
          {shown === 'runs' && <RunsTab story={story} events={events} version={log.sequence} />}
          {shown === 'trace' && <TraceTab id={story.id} running={story.status === 'running'} log={log} />}
          {shown === 'events' && <EventsTab log={log} />}
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

function Loading() {
  return (
    <Stack maw={1240} mx="auto" aria-busy="true" aria-label="Loading the story">
      <Skeleton height={32} width="60%" />
      <Skeleton height={48} />
      <Skeleton height={240} />
    </Stack>
  )
}

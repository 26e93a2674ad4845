/** What the agents did: each run with its terminal, live or replayed, and what it said, did and remembered. */
import { Anchor, Badge, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import type { Event } from '@sluice/proto/events.ts'
import type { Artifact } from '@sluice/proto/parts.ts'
import type { RunView } from '@sluice/proto/rest.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import { lazy, Suspense, useMemo, useState } from 'react'
import { artifactUrl, getRuns } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { At } from '../parts/time.tsx'
import { count, occupantText } from '../parts/words.ts'
import { PermissionsPanel } from './permissions-panel.tsx'
import { RunParts } from './run-parts.tsx'
import { Todo } from './todo.tsx'
import { todoIn } from './turns.ts'

const LiveTerminal = lazy(() => import('../terminal/live-terminal.tsx'))
const Replay = lazy(() => import('../terminal/replay.tsx'))

/** What runs write is not on the page's bus: while somebody works it is asked for. */
const EVERY_MS = 2_000

export function RunsTab({ story, events, version }: { story: Story; events: readonly Event[]; version: number }) {
  const everyMs = story.status === 'running' ? EVERY_MS : undefined
  const { data, error, loading } = useRemote(story.id, () => getRuns(story.id), { everyMs, version })
  const recordings = useMemo(() => recordingsOf(events), [events])
  const open = useMemo(() => openRuns(story), [story])
  return (
    <Stack gap="lg">
      {error ? <Trouble error={error} /> : null}
      {!data && loading && <Skeleton height={200} />}
      {data?.length === 0 && <Text c="dimmed">No run has begun yet.</Text>}
      {data?.toReversed().map((run) => (
        <Run
          key={`${run.source} ${run.runId}`}
          storyId={story.id}
          run={run}
          recording={recordings.get(run.runId)}
          isOpen={open.has(run.runId)}
        />
      ))}
    </Stack>
  )
}

const openRuns = (story: Story): ReadonlySet<string> =>
  new Set(stepsOf(story).flatMap(({ step }) => (step.at === 'asked' ? [step.request] : [])))

/** A run is named by its request. */
const recordingsOf = (events: readonly Event[]): ReadonlyMap<string, Artifact> =>
  new Map(
    events.flatMap((event) =>
      event.type === 'build.completed' && event.data.recording ? [[event.data.request, event.data.recording]] : [],
    ),
  )

type Shown = { storyId: string; run: RunView; recording: Artifact | undefined; isOpen: boolean }

function Run({ storyId, run, recording, isOpen }: Shown) {
  const todo = useMemo(() => todoIn(run.notes), [run.notes])
  return (
    <section className="panel" aria-label={`Run ${run.runId.slice(0, 8)} of ${run.source}`}>
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4">
          {run.source}
        </Title>
        <Group gap="xs">
          {run.attempts > 1 && (
            <Badge size="sm" color="attention" variant="light">
              {count(run.attempts, 'attempt')}
            </Badge>
          )}
          {run.occupant?.scripted && (
            <Badge size="sm" color="yellow" autoContrast>
              Scripted
            </Badge>
          )}
          <Text size="xs" c="dimmed">
            <At at={run.started} />
            {run.occupant
              ? ` · ${occupantText(run.occupant)}`
              : run.choice && ` · ${run.choice.engine} ${run.choice.model}`}
          </Text>
          {run.jail && (
            <Text size="xs" c={run.jail.startsWith('NONE') ? 'red' : 'dimmed'}>
              Jail: {run.jail}
            </Text>
          )}
        </Group>
      </Group>
      {isOpen && run.permissions && (
        <PermissionsPanel id={storyId} role={run.source} request={run.runId} permissions={run.permissions} />
      )}
      {todo.length > 0 && <Todo items={todo} />}
      <div className="run-both">
        {isOpen && (
          <Suspense fallback={null}>
            <LiveTerminal storyId={storyId} source={run.source} runId={run.runId} />
          </Suspense>
        )}
        {recording && <Recorded recording={recording} />}
        {run.notes.length === 0 ? (
          <Text size="sm" c="dimmed">
            It has written nothing yet.
          </Text>
        ) : (
          <RunParts notes={run.notes} />
        )}
      </div>
    </section>
  )
}

/** Loaded when it is asked for: a recording may be large. */
function Recorded({ recording }: { recording: Artifact }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Group gap="sm">
        <Button size="compact-sm" variant="default" onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? 'Close the replay' : 'Replay the terminal'}
        </Button>
        <Anchor size="sm" href={artifactUrl(recording.sha256, 'text/plain')} target="_blank" rel="noreferrer">
          asciicast file
        </Anchor>
      </Group>
      {open && (
        <Suspense fallback={<Skeleton height={240} />}>
          <Replay recording={recording} />
        </Suspense>
      )}
    </>
  )
}

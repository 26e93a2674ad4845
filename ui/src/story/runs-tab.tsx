/** What the agents did: each run with its notes in order, tools, retries, what was remembered, the terminal's recording. */
import { Anchor, Badge, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import type { Event } from '@sluice/proto/events.ts'
import type { Artifact } from '@sluice/proto/parts.ts'
import type { RunView } from '@sluice/proto/rest.ts'
import type { Story } from '@sluice/proto/story.ts'
import { useMemo } from 'react'
import { artifactUrl, getRuns } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { At } from '../parts/time.tsx'
import { count, occupantText } from '../parts/words.ts'

/** What runs write is not on the page's bus: while somebody works it is asked for. */
const EVERY_MS = 2_000

export function RunsTab({ story, events, version }: { story: Story; events: readonly Event[]; version: number }) {
  const everyMs = story.status === 'running' ? EVERY_MS : undefined
  const { data, error, loading } = useRemote(story.id, () => getRuns(story.id), { everyMs, version })
  const recordings = useMemo(() => recordingsOf(events), [events])
  return (
    <Stack gap="lg">
      {error ? <Trouble error={error} /> : null}
      {!data && loading && <Skeleton height={200} />}
      {data?.length === 0 && <Text c="dimmed">No run has begun yet.</Text>}
      {data?.toReversed().map((run) => (
        <Run key={`${run.source} ${run.runId}`} run={run} recording={recordings.get(run.runId)} />
      ))}
    </Stack>
  )
}

/** A run is named by its request. */
const recordingsOf = (events: readonly Event[]): ReadonlyMap<string, Artifact> =>
  new Map(
    events.flatMap((event) =>
      event.type === 'build.completed' && event.data.recording ? [[event.data.request, event.data.recording]] : [],
    ),
  )

function Run({ run, recording }: { run: RunView; recording: Artifact | undefined }) {
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
            {run.occupant && ` · ${occupantText(run.occupant)}`}
          </Text>
        </Group>
      </Group>
      {recording && (
        <Anchor size="sm" href={artifactUrl(recording.sha256, 'text/plain')} target="_blank" rel="noreferrer">
          Terminal recording (asciicast)
        </Anchor>
      )}
      {run.notes.length === 0 ? (
        <Text size="sm" c="dimmed">
          It has written nothing yet.
        </Text>
      ) : (
        <ol className="notes">
          {run.notes.map((note, i) => (
            // Notes are only ever added at the end.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <Note key={i} note={note} />
          ))}
        </ol>
      )}
    </section>
  )
}

function Note({ note: { at, kind, text } }: { note: RunView['notes'][number] }) {
  return (
    <li data-kind={kind}>
      <At at={at} />
      <span className="kind">{kind}</span>
      <span className="text">{text}</span>
    </li>
  )
}

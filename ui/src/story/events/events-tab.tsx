/** The log itself: every event of the story in order; one is looked at beside them, with its cause and its effects. */
import { CloseButton, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Entry, StoryLog } from '../../live/story-log.ts'
import { At } from '../../parts/time.tsx'
import { count } from '../../parts/words.ts'
import { EventDetails } from './event-details.tsx'
import { headOf } from './story-events.ts'
import '../trace/trace.css'

export function EventsTab({ log }: { log: StoryLog }) {
  const [target, goTo] = useTarget()
  const [wanted, setWanted] = useState('')
  const entries = log.entries.filter((entry) => matches(entry, wanted))
  const shown = log.entries.find((entry) => headOf(entry)?.id === target)
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          {wanted ? `${entries.length} of ${log.entries.length}` : count(log.entries.length, 'event')}, in the order of
          the stream. What is shown elsewhere is folded from these.
        </Text>
        <TextInput
          size="xs"
          aria-label="Filter events"
          placeholder="type or source"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      </Group>
      <div className="trace-split" data-panel={shown ? true : undefined}>
        <ol className="events">
          {entries.map((entry) => (
            <EventRow
              key={entry.sequence}
              entry={entry}
              isTarget={target !== undefined && headOf(entry)?.id === target}
              onSelect={goTo}
            />
          ))}
        </ol>
        {shown && (
          <section className="panel details" aria-label="The event">
            <Group justify="space-between" wrap="nowrap" align="start">
              <Title order={2} size="h5">
                {headOf(shown)?.type}
              </Title>
              <CloseButton aria-label="Close the panel" onClick={() => goTo(undefined)} />
            </Group>
            <EventDetails entry={shown} log={log} isIn="events" />
          </section>
        )}
      </div>
    </Stack>
  )
}

/** The event that the address names. */
function useTarget(): [string | undefined, (id: string | undefined) => void] {
  const [target, setTarget] = useState(fromHash)
  useEffect(() => {
    const moved = () => setTarget(fromHash())
    window.addEventListener('hashchange', moved)
    return () => window.removeEventListener('hashchange', moved)
  }, [])
  return [
    target,
    (id) => {
      history.replaceState(history.state, '', location.pathname + (id ? `#event-${id}` : ''))
      setTarget(id)
    },
  ]
}

const fromHash = (): string | undefined => /^#event-(.+)$/.exec(location.hash)?.[1]

function matches(entry: Entry, wanted: string): boolean {
  const head = headOf(entry)
  const text = head ? `${head.type} ${head.source} ${entry.sequence}` : 'unreadable'
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

type RowProps = { entry: Entry; isTarget: boolean; onSelect(id: string): void }

function EventRow({ entry, isTarget, onSelect }: RowProps) {
  const head = headOf(entry)
  useEffect(() => {
    if (isTarget && head) document.getElementById(`event-${head.id}`)?.scrollIntoView({ block: 'nearest' })
  }, [isTarget, head])
  if (!head)
    return (
      <li>
        <span className="event">
          <span className="numbers sequence">{entry.sequence}</span> <b>unreadable</b>{' '}
          {entry.parsed.kind === 'unreadable' && entry.parsed.reason}
        </span>
      </li>
    )
  return (
    <li id={`event-${head.id}`} data-target={isTarget || undefined}>
      <button type="button" className="event" aria-pressed={isTarget} onClick={() => onSelect(head.id)}>
        <span className="numbers sequence">{entry.sequence}</span>
        <At at={head.time} />
        <b>{head.type}</b>
        <span>{head.source}</span>
        {entry.parsed.kind === 'unknown' && <i>of a newer version: counts for nothing here</i>}
      </button>
    </li>
  )
}

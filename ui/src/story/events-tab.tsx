/** The log itself: every event of the story in order, each with its cause. */
import { Code, Stack, Text } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import type { Entry, StoryLog } from '../live/story-log.ts'
import { At } from '../parts/time.tsx'
import { count } from '../parts/words.ts'

export function EventsTab({ log }: { log: StoryLog }) {
  const sequences = useMemo(
    () => new Map(log.entries.flatMap((entry) => (headOf(entry) ? [[headOf(entry)?.id, entry.sequence]] : []))),
    [log],
  )
  const target = useTarget()
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {count(log.entries.length, 'event')}, in the order of the stream. What is shown elsewhere is folded from these.
      </Text>
      <ol className="events">
        {log.entries.map((entry) => (
          <EventRow
            key={entry.sequence}
            entry={entry}
            cause={sequences.get(headOf(entry)?.causationId ?? '')}
            isTarget={headOf(entry)?.id === target}
          />
        ))}
      </ol>
    </Stack>
  )
}

/** The event that the address names. */
function useTarget(): string | undefined {
  const [target, setTarget] = useState(fromHash)
  useEffect(() => {
    const moved = () => setTarget(fromHash())
    window.addEventListener('hashchange', moved)
    return () => window.removeEventListener('hashchange', moved)
  }, [])
  return target
}

const fromHash = (): string | undefined => /^#event-(.+)$/.exec(location.hash)?.[1]

type Head = { id: string; type: string; source: string; time: string; causationId: string | null }

function headOf({ parsed, body }: Entry): Head | undefined {
  if (parsed.kind === 'unreadable') return undefined
  // An unknown type still has the envelope that `parseEvent` read.
  return parsed.kind === 'event' ? parsed.event : (body as Head)
}

function EventRow({ entry, cause, isTarget }: { entry: Entry; cause: number | undefined; isTarget: boolean }) {
  const [open, setOpen] = useState(isTarget)
  const head = headOf(entry)
  useEffect(() => {
    if (!isTarget || !head) return
    setOpen(true)
    document.getElementById(`event-${head.id}`)?.scrollIntoView({ block: 'center' })
  }, [isTarget, head])
  return (
    <li id={head ? `event-${head.id}` : undefined} data-target={isTarget || undefined}>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span className="numbers sequence">{entry.sequence}</span>
          {head ? (
            <>
              <At at={head.time} />
              <b>{head.type}</b>
              <span>{head.source}</span>
            </>
          ) : (
            <b>unreadable</b>
          )}
          {entry.parsed.kind === 'unknown' && <i>of a newer version: counts for nothing here</i>}
        </summary>
        {open && (
          <Stack gap={4} pl="md" pb="sm">
            {entry.parsed.kind === 'unreadable' && <Text size="sm">{entry.parsed.reason}</Text>}
            {head?.causationId && (
              <Text size="sm">
                Caused by{' '}
                <a href={`#event-${head.causationId}`}>{cause === undefined ? head.causationId : `number ${cause}`}</a>
              </Text>
            )}
            <Text size="xs" c="dimmed" ff="monospace">
              {entry.subject}
            </Text>
            <Code block className="payload">
              {JSON.stringify(entry.body, null, 2)}
            </Code>
          </Stack>
        )}
      </details>
    </li>
  )
}

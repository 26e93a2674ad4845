/** One event in full: where it stands, what caused it, what it led to, what it changed, and its payload. */
import { Stack, Text } from '@mantine/core'
import { useMemo } from 'react'
import { Link } from 'wouter'
import type { Entry, StoryLog } from '../../live/story-log.ts'
import { storyIdOf } from '../../live/story-log.ts'
import { CopyJson, Json } from './json.tsx'
import { changesBy, effectsOf, headOf } from './story-events.ts'

export function EventDetails({ entry, log, isIn }: { entry: Entry; log: StoryLog; isIn: 'trace' | 'events' }) {
  const head = headOf(entry)
  const cause = log.entries.find((one) => headOf(one)?.id === head?.causationId)
  const effects = head ? effectsOf(log.entries, head.id) : []
  const base = `/stories/${storyIdOf(entry.subject)}`
  const elsewhere = isIn === 'trace' ? 'events' : 'trace'
  return (
    <Stack gap={6}>
      {entry.parsed.kind === 'unreadable' && <Text size="sm">{entry.parsed.reason}</Text>}
      <Text size="xs" c="dimmed" ff="monospace">
        {entry.sequence} · {entry.subject}
      </Text>
      {head && (
        <p className="links">
          <Link href={`${base}/${elsewhere}#event-${head.id}`}>
            {isIn === 'trace' ? 'Look at it among the events' : 'Look at it in the trace'}
          </Link>
        </p>
      )}
      {head?.causationId && (
        <p className="links">
          Cause {cause ? <EventLink entry={cause} /> : <span className="mono">{head.causationId}</span>}
        </p>
      )}
      {head && (
        <p className="links">
          {effects.length > 0 ? 'Effects ' : 'It led to nothing yet.'}
          {effects.map((one) => (
            <EventLink key={one.sequence} entry={one} />
          ))}
        </p>
      )}
      <Changes entry={entry} log={log} />
      <section aria-label="Payload">
        <CopyJson value={entry.body} />
        <Json value={entry.body} isOpen />
      </section>
    </Stack>
  )
}

function EventLink({ entry }: { entry: Entry }) {
  const head = headOf(entry)
  return (
    <a href={`#event-${head?.id}`}>
      {entry.sequence} {head?.type}
    </a>
  )
}

/** Large parts are told by their name; what they hold is in the payload. */
const MOST = 120

function Changes({ entry, log }: { entry: Entry; log: StoryLog }) {
  const changes = useMemo(() => changesBy(log.entries, entry.sequence), [log.entries, entry.sequence])
  return (
    <details className="changes">
      <summary>
        {changes.length > 0 ? `What it changed in the story (${changes.length})` : 'It changed nothing in the story'}
      </summary>
      <ul>
        {changes.map(({ path, before, after }) => (
          <li key={path}>
            <code>{path}</code> {brief(before)} → <b>{brief(after)}</b>
          </li>
        ))}
      </ul>
    </details>
  )
}

function brief(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text
}

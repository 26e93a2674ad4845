/** What is known of one span: its numbers, what caused it, what hangs below it, and the event it is about. */
import { CloseButton, Group, Text, Title } from '@mantine/core'
import type { Span } from '@sluice/proto/rest.ts'
import type { StoryLog } from '../../live/story-log.ts'
import { clockTime } from '../../parts/time.tsx'
import { duration, short, usd } from '../../parts/words.ts'
import { EventDetails } from '../events/event-details.tsx'
import { headOf } from '../events/story-events.ts'
import { kindWords } from './kinds.ts'

type Props = {
  span: Span
  spans: readonly Span[]
  log: StoryLog
  now: number
  took: number
  onSelect(id: string): void
  onClose(): void
}

export function SpanPanel({ span, spans, log, took, onSelect, onClose }: Props) {
  const { word, sign } = kindWords[span.kind]
  const named = (ids: readonly string[]) => spans.filter(({ id }) => ids.includes(id))
  const entry = log.entries.find((one) => headOf(one)?.id === span.event)
  const children = spans.filter(({ parent }) => parent === span.id)
  return (
    <section className="panel details" aria-label="The span">
      <Group justify="space-between" wrap="nowrap" align="start">
        <Title order={2} size="h5">
          <span className="sign" data-kind={span.kind} aria-hidden="true">
            {sign}
          </span>{' '}
          {span.name}
        </Title>
        <CloseButton aria-label="Close the panel" onClick={onClose} />
      </Group>
      <dl className="facts">
        <Fact name="Kind">{word}</Fact>
        <Fact name="Service">{span.service}</Fact>
        <Fact name="Began">{clockTime(span.start)}</Fact>
        <Fact name="Took">{span.end === null ? `${duration(took)} so far` : duration(took)}</Fact>
        {span.costUsd > 0 && <Fact name="Cost">{usd(span.costUsd)}</Fact>}
        {span.tokens > 0 && <Fact name="Tokens">{short(span.tokens)}</Fact>}
        <Fact name="Outcome">{span.end === null ? 'running' : span.outcome}</Fact>
      </dl>
      <SpanLinks title="Within" spans={named(span.parent ? [span.parent] : [])} onSelect={onSelect} />
      <SpanLinks title="Caused by" spans={named(span.links ?? [])} onSelect={onSelect} />
      <SpanLinks
        title="Caused"
        spans={spans.filter(({ links, id }) => id !== span.id && links?.includes(span.id))}
        onSelect={onSelect}
      />
      {children.length > 0 && (
        <Text size="sm" c="dimmed">
          {children.length} directly below.
        </Text>
      )}
      <Attributes span={span} />
      {entry && <EventDetails entry={entry} log={log} isIn="trace" />}
    </section>
  )
}

const Fact = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
)

type LinksProps = { title: string; spans: readonly Span[]; onSelect(id: string): void }

function SpanLinks({ title, spans, onSelect }: LinksProps) {
  if (spans.length === 0) return null
  return (
    <p className="links">
      {title}{' '}
      {spans.map((span) => (
        <button key={span.id} type="button" className="link" onClick={() => onSelect(span.id)}>
          {kindWords[span.kind].sign} {span.name}
        </button>
      ))}
    </p>
  )
}

function Attributes({ span: { attributes = {} } }: { span: Span }) {
  const rows = Object.entries(attributes)
  if (rows.length === 0) return null
  return (
    <details>
      <summary>Attributes, as collectors see them ({rows.length})</summary>
      <dl className="facts mono">
        {rows.map(([name, value]) => (
          <Fact key={name} name={name}>
            {String(value)}
          </Fact>
        ))}
      </dl>
    </details>
  )
}

/** Where the time and the money went: the story as a waterfall over its services, live while it runs. */
import { Button, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { getTrace, traceFile } from '../../api.ts'
import type { StoryLog } from '../../live/story-log.ts'
import { Trouble } from '../../parts/problem.tsx'
import { useRemote } from '../../parts/remote.ts'
import { Lanes } from './lanes.tsx'
import { Legend } from './legend.tsx'
import { SpanPanel } from './span-panel.tsx'
import { TimeSpent } from './time-spent.tsx'
import { Tree } from './tree.tsx'
import { useNow } from './use-now.ts'
import { useSelected } from './use-selected.ts'
import { endOf, type Kind, type Range, rangeAround, wholeOf } from './waterfall.ts'
import './trace.css'

/** Each event asks anew at once; what runs write between two is on no bus the page may hear, so it is asked for. */
const EVERY_MS = 2_000

export function TraceTab({ id, running, log }: { id: string; running: boolean; log: StoryLog }) {
  const everyMs = running ? EVERY_MS : undefined
  const { data, error, loading } = useRemote(id, () => getTrace(id), { everyMs, version: log.sequence })
  const now = useNow(running)
  const [view, setView] = useState('waterfall')
  const [hidden, setHidden] = useState<ReadonlySet<Kind>>(() => new Set<Kind>(['event']))
  const [chosen, setChosen] = useState<Range | null>(null)
  const spans = useMemo(() => data?.spans ?? [], [data])
  const [selected, select] = useSelected(spans, (kind) => setHidden((kinds) => without(kinds, kind)))
  const whole = useMemo(() => wholeOf(spans, now), [spans, now])
  const range = chosen ?? whole
  const shown = spans.find((span) => span.id === selected)
  const zoomTo = (span: { start: number; end: number | null }) =>
    setChosen(rangeAround({ start: span.start, end: Math.max(span.start, span.end ?? now) }))

  if (spans.length === 0)
    return (
      <>
        {error ? <Trouble error={error} /> : null}
        {loading ? <Skeleton height={240} /> : !error && <Text c="dimmed">No span yet.</Text>}
      </>
    )
  const looked = { spans, now, range, whole, selected, onSelect: select, onRange: setChosen }
  return (
    <Stack gap="sm">
      {error ? <Trouble error={error} /> : null}
      <TimeSpent
        spans={spans}
        now={now}
        onStage={(stageId) => {
          const stage = spans.find((span) => span.id === stageId)
          if (stage) zoomTo(stage)
          select(stageId)
        }}
      />
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            value={view}
            onChange={setView}
            data={[
              { value: 'waterfall', label: 'Waterfall' },
              { value: 'lanes', label: 'Lanes by service' },
            ]}
          />
          <Button size="compact-xs" variant="default" disabled={!shown} onClick={() => shown && zoomTo(shown)}>
            Zoom to the span
          </Button>
          <Button size="compact-xs" variant="default" disabled={!chosen} onClick={() => setChosen(null)}>
            Whole story
          </Button>
        </Group>
        <Group gap="xs">
          <Text size="xs" c="dimmed">
            {running ? 'Live' : 'Ended'} · trace <span className="mono">{data?.traceId}</span>
          </Text>
          <Button {...asFile(id, 'json')}>JSON</Button>
          <Button {...asFile(id, 'otlp')}>OTLP JSON</Button>
        </Group>
      </Group>
      <Legend spans={spans} hidden={hidden} onChange={setHidden} />
      <div className="trace-split" data-panel={shown ? true : undefined}>
        {view === 'lanes' ? (
          <Lanes {...looked} hidden={hidden} />
        ) : (
          <Tree {...looked} hidden={hidden} onZoom={zoomTo} />
        )}
        {shown && (
          <SpanPanel
            span={shown}
            {...{ spans, log, now, onSelect: select, took: endOf(shown, now) - shown.start }}
            onClose={() => select(null)}
          />
        )}
      </div>
    </Stack>
  )
}

function without(kinds: ReadonlySet<Kind>, kind: Kind): ReadonlySet<Kind> {
  return kinds.has(kind) ? new Set([...kinds].filter((one) => one !== kind)) : kinds
}

const asFile = (id: string, as: 'json' | 'otlp') => ({
  ...{ component: 'a' as const, size: 'compact-xs', variant: 'default', href: traceFile(id, as) },
  download: `trace-${id}${as === 'otlp' ? '.otlp' : ''}.json`,
})

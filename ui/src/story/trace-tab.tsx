/** Where the time and the money went: the story as a tree of spans over its services. */
import { Skeleton, Stack, Text } from '@mantine/core'
import { Link } from 'wouter'
import { getTrace } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { duration, short, usd } from '../parts/words.ts'
import { type Row, waterfall } from './waterfall.ts'

export function TraceTab({ id, running, version }: { id: string; running: boolean; version: number }) {
  const { data, error, loading } = useRemote(id, () => getTrace(id), {
    everyMs: running ? 5_000 : undefined,
    version,
  })
  const rows = data ? waterfall(data.spans, Date.now()) : []
  return (
    <Stack gap="sm">
      {error ? <Trouble error={error} /> : null}
      {!data && loading && <Skeleton height={240} />}
      {data && rows.length === 0 && <Text c="dimmed">No span yet.</Text>}
      {data && rows.length > 0 && (
        <>
          <Text size="xs" c="dimmed">
            Trace <span className="mono">{data.traceId}</span>
          </Text>
          <section className="trace-scroll" aria-label="Trace">
            <table className="trace">
              <thead>
                <tr>
                  <th scope="col">What</th>
                  <th scope="col">Who</th>
                  <th scope="col">Took</th>
                  <th scope="col">Cost</th>
                  <th scope="col" className="when">
                    When
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <SpanRow key={row.span.id} row={row} id={id} />
                ))}
              </tbody>
            </table>
          </section>
        </>
      )}
    </Stack>
  )
}

function SpanRow({ row: { span, depth, left, width, ms }, id }: { row: Row; id: string }) {
  return (
    <tr>
      <th scope="row" style={{ paddingLeft: 8 + depth * 16 }}>
        {span.event ? <Link href={`/stories/${id}/events#event-${span.event}`}>{span.name}</Link> : span.name}{' '}
        <span className="outcome">{span.end === null ? 'running' : span.outcome}</span>
      </th>
      <td>{span.service}</td>
      <td className="numbers">{duration(ms)}</td>
      <td className="numbers" title={span.tokens > 0 ? `${short(span.tokens)} tokens` : undefined}>
        {span.costUsd > 0 ? usd(span.costUsd) : '–'}
      </td>
      <td className="when">
        <div
          className="bar"
          data-kind={span.kind}
          data-open={span.end === null || undefined}
          style={{ marginLeft: `${left * 100}%`, width: `max(2px, ${width * 100}%)` }}
        />
      </td>
    </tr>
  )
}

/** What left this machine: every call through the two doors. */
import { Select, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import type { LedgerEntry } from '@sluice/proto/rest.ts'
import { useState } from 'react'
import { Link } from 'wouter'
import { getLedger } from '../api.ts'
import { useCards, useSession } from '../live/hooks.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { At } from '../parts/time.tsx'
import { bytes, count, short, tokensOf, usd } from '../parts/words.ts'

/** The newest first; older ones when asked for. */
const FIRST_SHOWN = 200

export default function LedgerPage() {
  const cards = useCards()
  const session = useSession()
  const [storyId, setStory] = useState<string | null>(null)
  const { data, error, loading } = useRemote(`ledger ${storyId}`, () => getLedger(storyId ?? undefined), {
    everyMs: 5_000,
  })
  const stories = [...(cards?.values() ?? [])].map((card) => ({ value: card.id, label: card.title }))
  return (
    <Stack gap="md">
      <Title order={1} size="h3">
        Ledger
      </Title>
      <Text size="sm" maw={720}>
        Every call through the two doors out of this machine: to models, and to the hosts a project's own set-up may
        reach; and what a collector of traces was sent, where you named one (<code>telemetry</code>).{' '}
        {session?.jail.kind === 'none' && <b>Without a jail, agents can reach the network past these doors.</b>}
      </Text>
      <Select
        label="Story"
        placeholder="All stories"
        clearable
        searchable
        maw={420}
        data={stories}
        value={storyId}
        onChange={setStory}
      />
      {error ? <Trouble error={error} /> : null}
      {data ? <Entries entries={data} /> : loading && <Skeleton height={240} />}
    </Stack>
  )
}

function Entries({ entries }: { entries: readonly LedgerEntry[] }) {
  const [shown, setShown] = useState(FIRST_SHOWN)
  if (entries.length === 0) return <Text c="dimmed">Nothing has left the machine.</Text>
  const newest = entries.toSorted((a, b) => b.at.localeCompare(a.at))
  const sum = (of: (entry: LedgerEntry) => number) => entries.reduce((total, entry) => total + of(entry), 0)
  return (
    <>
      <Text size="sm" fw={600}>
        {count(entries.length, 'call')}, {bytes(sum((e) => e.bytesOut))} out, {bytes(sum((e) => e.bytesIn))} in,{' '}
        {usd(sum((e) => e.usage?.costUsd ?? 0))}
      </Text>
      <Table.ScrollContainer minWidth={760}>
        <Table striped verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Time</Table.Th>
              <Table.Th>Door</Table.Th>
              <Table.Th>Host</Table.Th>
              <Table.Th>Who</Table.Th>
              <Table.Th ta="right">Out</Table.Th>
              <Table.Th ta="right">In</Table.Th>
              <Table.Th>Model</Table.Th>
              <Table.Th ta="right">Tokens</Table.Th>
              <Table.Th ta="right">Cost</Table.Th>
              <Table.Th>Outcome</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {newest.slice(0, shown).map((e, i) => (
              // Rows hold nothing of their own: redrawn by place is redrawn right.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <Table.Tr key={i}>
                <Table.Td>
                  <At at={e.at} />
                </Table.Td>
                <Table.Td>{e.door}</Table.Td>
                <Table.Td>{e.host}</Table.Td>
                <Table.Td>
                  {e.role}
                  {e.storyId && (
                    <>
                      {' '}
                      <Link href={`/stories/${e.storyId}`}>story</Link>
                    </>
                  )}
                </Table.Td>
                <Table.Td ta="right">{bytes(e.bytesOut)}</Table.Td>
                <Table.Td ta="right">{bytes(e.bytesIn)}</Table.Td>
                <Table.Td>{e.model ?? '–'}</Table.Td>
                <Table.Td ta="right">{e.usage ? short(tokensOf(e.usage)) : '–'}</Table.Td>
                <Table.Td ta="right">{e.usage ? usd(e.usage.costUsd) : '–'}</Table.Td>
                <Table.Td>{e.outcome}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {shown < newest.length && (
        <button type="button" className="more" onClick={() => setShown(newest.length)}>
          Show all {newest.length}
        </button>
      )}
    </>
  )
}

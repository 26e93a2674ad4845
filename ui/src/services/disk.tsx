/** What lies on the disk: how much of it could go and why that is safe; one click takes it away. */
import { Button, Group, Stack, Table, Text } from '@mantine/core'
import type { ClearedDisk, DiskEntry } from '@sluice/proto/rest.ts'
import { useState } from 'react'
import { Link } from 'wouter'
import { clearDisk, getDisk } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { bytes, count } from '../parts/words.ts'

/** Looked through only when somebody wants to see it: a large disk takes a while. */
export function DiskPanel() {
  const [wanted, setWanted] = useState(false)
  if (wanted) return <Looked />
  return (
    <Group>
      <Button size="xs" variant="default" onClick={() => setWanted(true)}>
        Look through it
      </Button>
    </Group>
  )
}

function Looked() {
  const disk = useRemote('disk', getDisk)
  const [cleared, setCleared] = useState<ClearedDisk | null>(null)
  const clear = useCommand((key) => clearDisk(key).then(setCleared).then(disk.again))
  if (disk.error) return <Trouble error={disk.error} title="The disk cannot be looked through" />
  if (!disk.data)
    return (
      <Text size="sm" c="dimmed" role="status">
        Looking through it …
      </Text>
    )
  const { dir, entries } = disk.data
  const goes = entries.filter((entry) => entry.goes)
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm">
          {bytes(disk.data.bytes)} in <code>{dir}</code>
          {goes.length > 0 ? `; ${bytes(disk.data.goes)} may go.` : '; nothing of it may go now.'}
        </Text>
        {goes.length > 0 && (
          <Button size="xs" variant="default" loading={clear.busy} onClick={() => void clear.send()}>
            Take away {count(goes.length, 'thing')}
          </Button>
        )}
      </Group>
      {clear.error ? <Trouble error={clear.error} /> : null}
      {cleared && <Done cleared={cleared} />}
      {entries.length > 0 && <Entries entries={entries} />}
    </Stack>
  )
}

function Done({ cleared: { bytes: free, removed, stayed } }: { cleared: ClearedDisk }) {
  return (
    <Text size="sm" role="status">
      {removed.length === 0 ? 'Nothing went.' : `${bytes(free)} are free.`}
      {stayed.map(({ kind, name, why }) => ` The ${kind} ${name} stays: ${why}`).join('')}
    </Text>
  )
}

function Entries({ entries }: { entries: readonly DiskEntry[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways can be scrolled by keys.
    <section className="scroll-x" aria-label="What lies on the disk" tabIndex={0}>
      <Table verticalSpacing={4} className="services">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th>Name</Table.Th>
            <Table.Th ta="right">Size</Table.Th>
            <Table.Th>Goes</Table.Th>
            <Table.Th>Why</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry) => (
            <Table.Tr key={`${entry.kind} ${entry.name}`}>
              <Table.Td>{entry.kind}</Table.Td>
              <Table.Th scope="row">
                {entry.storyId ? <Link href={`/stories/${entry.storyId}`}>{entry.name}</Link> : entry.name}
              </Table.Th>
              <Table.Td ta="right">{bytes(entry.bytes)}</Table.Td>
              <Table.Td>{entry.goes ? 'may go' : 'stays'}</Table.Td>
              <Table.Td maw={420}>
                <Text size="xs">{entry.why}</Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

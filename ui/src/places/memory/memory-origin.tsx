/** Where an entry came from: every event and commit, oldest first. */
import { Skeleton, Table, Text } from '@mantine/core'
import { Link } from 'wouter'
import { getMemoryEntry } from '../../api.ts'
import { Trouble } from '../../parts/problem.tsx'
import { useRemote } from '../../parts/remote.ts'
import { At } from '../../parts/time.tsx'
import { shortId } from '../../parts/words.ts'

export function MemoryOrigin({ entry, storyId }: { entry: string; storyId: string | null }) {
  const { data, error } = useRemote(entry, () => getMemoryEntry(entry))
  if (error) return <Trouble error={error} />
  if (!data) return <Skeleton height={60} mt="xs" />
  return (
    <>
      <Text size="sm" mt="xs">
        {storyId ? (
          <>
            Learnt from <Link href={`/stories/${storyId}/events`}>the events of its story</Link>; on the base as{' '}
          </>
        ) : (
          'Read from the history of the base branch, as '
        )}
        <span className="memory-commit">{data.commit}</span>.
      </Text>
      <Table.ScrollContainer minWidth={320}>
        <Table verticalSpacing={2} aria-label="Events and commits it came from">
          <Table.Tbody>
            {data.from.map(({ kind, id, what, at }) => (
              <Table.Tr key={`${kind} ${id}`}>
                <Table.Td>
                  <At at={at} />
                </Table.Td>
                <Table.Td>{what}</Table.Td>
                <Table.Td className="memory-commit">{kind === 'commit' ? shortId(id) : id}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  )
}

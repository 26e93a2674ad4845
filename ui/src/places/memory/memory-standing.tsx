/** How much memory holds, and how far the history of the base branch is read. */
import { Progress, Stack, Text } from '@mantine/core'
import { getMemoryState } from '../../api.ts'
import { useRemote } from '../../parts/remote.ts'
import { count } from '../../parts/words.ts'

export function MemoryStanding() {
  const { data } = useRemote('memory state', getMemoryState, { everyMs: 3_000 })
  if (!data) return null
  const { stories, history, forgotten, reading } = data
  const parts = [
    count(stories, 'story', 'stories'),
    `${count(history, 'commit')} from history`,
    ...(forgotten > 0 ? [`${forgotten} forgotten`] : []),
  ]
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {parts.join(', ')}.
      </Text>
      {reading.state === 'reading' && (
        <>
          <Text size="sm" role="status">
            Reading the history of the base branch: {reading.done} of {reading.of}.
          </Text>
          <Progress
            value={reading.of > 0 ? (100 * reading.done) / reading.of : 0}
            size="sm"
            aria-label="History that is read"
          />
        </>
      )}
      {reading.state === 'failed' && (
        <Text size="sm" role="alert">
          The history of the base branch could not be read: {reading.why} It is tried again by itself.
        </Text>
      )}
    </Stack>
  )
}

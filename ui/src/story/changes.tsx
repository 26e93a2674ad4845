/** What a round changed: files, hunks, and the findings beside the lines they are about. */
import { Anchor, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import type { Story } from '@sluice/proto/story.ts'
import { useState } from 'react'
import { artifactUrl } from '../api.ts'
import { PatchView } from '../diff/patch-view.tsx'
import { Checkpoints } from '../forks/checkpoints.tsx'
import { Prose } from '../parts/prose.tsx'
import { occupantText, shortId } from '../parts/words.ts'
import type { Round } from './rounds.ts'

export default function Changes({ rounds, story }: { rounds: readonly Round[]; story: Story }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const round = rounds.find(({ build }) => build.request === chosen) ?? rounds.at(-1)
  if (!round)
    return (
      <Stack gap="md">
        <Text c="dimmed">No round of work has been handed in yet.</Text>
        <Checkpoints story={story} />
      </Stack>
    )
  // A round that changed nothing has the commit of the one before: it is its request that names it.
  const { build } = round
  return (
    <Stack gap="md">
      {rounds.length > 1 && (
        <SegmentedControl
          aria-label="Round"
          className="fit"
          data={rounds.map((r) => ({ value: r.build.request, label: `Round ${r.round}` }))}
          value={build.request}
          onChange={setChosen}
        />
      )}
      <Stack gap={4}>
        <Text className="asked">
          <Prose text={build.summary} />
        </Text>
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {occupantText(build.occupant)} · commit <span className="mono">{shortId(build.judged.commit)}</span> on{' '}
            <span className="mono">{shortId(build.judged.base)}</span>
          </Text>
          <Anchor size="sm" href={artifactUrl(build.diff.sha256, 'text/plain')} target="_blank" rel="noreferrer">
            the patch itself
          </Anchor>
          {build.recording && (
            <Anchor size="sm" href={artifactUrl(build.recording.sha256, 'text/plain')} target="_blank" rel="noreferrer">
              terminal recording
            </Anchor>
          )}
        </Group>
      </Stack>
      <Checkpoints story={story} />
      <PatchView key={build.request} round={round} story={story} />
    </Stack>
  )
}

/** What a round changed: files, hunks, and the findings beside the lines they are about. */
import { Anchor, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core'
import { type PatchFile, parsePatch } from '@sluice/proto/patch.ts'
import type { Story } from '@sluice/proto/story.ts'
import { useMemo, useState } from 'react'
import { artifactUrl, getText } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { Prose } from '../parts/prose.tsx'
import { useRemote } from '../parts/remote.ts'
import { count, occupantText, shortId } from '../parts/words.ts'
import { beside } from './beside.ts'
import { FileDiff, Size } from './file-diff.tsx'
import { FindingView } from './finding-view.tsx'
import { documentsLast } from './own-documents.ts'
import type { Round } from './rounds.ts'

export function Changes({ rounds, story }: { rounds: readonly Round[]; story: Story }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const round = rounds.find(({ build }) => build.judged.commit === chosen) ?? rounds.at(-1)
  if (!round) return <Text c="dimmed">No round of work has been handed in yet.</Text>
  const { build } = round
  return (
    <Stack gap="md">
      {rounds.length > 1 && (
        <SegmentedControl
          aria-label="Round"
          className="fit"
          data={rounds.map((r) => ({ value: r.build.judged.commit, label: `Round ${r.round}` }))}
          value={build.judged.commit}
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
      <Diff key={build.diff.sha256} round={round} story={story} />
    </Stack>
  )
}

function Diff({ round, story }: { round: Round; story: Story }) {
  const { sha256 } = round.build.diff
  const { data, error } = useRemote(sha256, () => getText(sha256))
  const files = useMemo(() => (data === null ? null : documentsLast(parsePatch(data), story.id)), [data, story.id])
  const findings = useMemo(() => round.verdicts.flatMap((verdict) => verdict.findings), [round])
  const placed = useMemo(() => beside(files ?? [], findings), [files, findings])
  if (error) return <Trouble error={error} />
  if (!files) return <Skeleton height={240} />
  if (files.length === 0) return <Text c="dimmed">The patch is empty.</Text>
  return (
    <Stack gap="md">
      <FileList files={files} />
      {placed.elsewhere.length > 0 && (
        <Stack gap="xs" component="section" aria-label="Findings about no line of the patch">
          {placed.elsewhere.map((finding) => (
            <FindingView key={finding.id} finding={finding} story={story} />
          ))}
        </Stack>
      )}
      {files.map((file) => (
        <FileDiff key={file.path} file={file} placed={placed} story={story} />
      ))}
    </Stack>
  )
}

function FileList({ files }: { files: readonly PatchFile[] }) {
  return (
    <nav aria-label="Files">
      <Text size="sm" fw={600}>
        {count(files.length, 'file')}
      </Text>
      <ul className="files">
        {files.map((file) => (
          <li key={file.path}>
            <a href={`#file-${file.path}`}>{file.path}</a> <Size file={file} />
          </li>
        ))}
      </ul>
    </nav>
  )
}

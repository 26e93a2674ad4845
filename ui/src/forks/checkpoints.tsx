/** What every turn left behind, newest first, each with its patch and the way back to it. */
import { Button, Group, Skeleton, Stack, Switch, Text, Title } from '@mantine/core'
import type { CheckpointView } from '@sluice/proto/rest.ts'
import { isLanding } from '@sluice/proto/story/release.ts'
import type { Story } from '@sluice/proto/story.ts'
import { useState } from 'react'
import { command, getCheckpointPatch, getCheckpoints } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { Ago } from '../parts/time.tsx'
import { PatchFiles } from './patch-files.tsx'

/** While it is built there is a new one every few turns. */
const EVERY_MS = 5_000

export function Checkpoints({ story }: { story: Story }) {
  const isBuilding = story.steps.build.at === 'asked'
  const { data, error } = useRemote(story.id, () => getCheckpoints(story.id), {
    ...(isBuilding ? { everyMs: EVERY_MS } : {}),
    version: story.seen.size,
  })
  if (error) return <Trouble error={error} />
  if (!data || data.length === 0) return null
  const canGoBack = story.status === 'running' && story.steps.build.at !== 'idle' && !isLanding(story)
  return (
    <details className="file">
      <summary>
        Checkpoints <span className="numbers">{data.length}</span>{' '}
        <Text span size="sm" c="dimmed">
          one for each turn that changed files
        </Text>
      </summary>
      <Stack gap={0} component="ol" p="xs" m={0} aria-label="Checkpoints" className="checkpoints">
        {data.toReversed().map((one) => (
          <Checkpoint key={one.n} id={story.id} checkpoint={one} isLast={one.n === data.length} canGoBack={canGoBack} />
        ))}
      </Stack>
    </details>
  )
}

type Shown = { id: string; checkpoint: CheckpointView; isLast: boolean; canGoBack: boolean }

function Checkpoint({ id, checkpoint, isLast, canGoBack }: Shown) {
  const [open, setOpen] = useState<'patch' | 'back' | null>(null)
  const { n, title, at, files } = checkpoint
  const turn = (to: 'patch' | 'back') => setOpen(open === to ? null : to)
  return (
    <li>
      <Group justify="space-between" gap="xs" py={4}>
        <Text size="sm" flex={1} miw={240}>
          <b className="numbers">{n}</b> {title}{' '}
          <Text span size="sm" c="dimmed">
            <Ago at={at} /> · {files.length === 1 ? files[0]?.path : `${files.length} files`}
          </Text>
        </Text>
        <Group gap={4}>
          <Button variant="subtle" size="xs" onClick={() => turn('patch')} aria-expanded={open === 'patch'}>
            Patch
          </Button>
          {canGoBack && (
            <Button
              variant="default"
              size="xs"
              onClick={() => turn('back')}
              aria-expanded={open === 'back'}
              aria-label={`Go back to checkpoint ${n}`}
            >
              Go back here…
            </Button>
          )}
        </Group>
      </Group>
      {open === 'patch' && <Patch id={id} n={n} of="it" empty="It holds the files of the one before." />}
      {open === 'back' && <GoBack id={id} n={n} isLast={isLast} onClose={() => setOpen(null)} />}
    </li>
  )
}

function Patch({ id, n, of, empty }: { id: string; n: number; of: 'it' | 'since'; empty: string }) {
  const { data, error } = useRemote(`${id} ${n} ${of}`, () => getCheckpointPatch(id, n, of))
  if (error) return <Trouble error={error} />
  return data === null ? <Skeleton height={80} /> : <PatchFiles patch={data} empty={empty} />
}

function GoBack({ id, n, isLast, onClose }: { id: string; n: number; isLast: boolean; onClose: () => void }) {
  const [cut, setCut] = useState(false)
  const back = useCommand((key) => command(id, 'rewind', { n, talk: cut ? 'cut' : 'kept' }, key).then(onClose))
  return (
    <Stack gap="xs" className="panel" role="group" aria-label={`Go back to checkpoint ${n}`}>
      <Title order={3} size="h5">
        Back to checkpoint {n}?
      </Title>
      <Text size="sm">
        Whoever works is stopped, verdicts are void, and the implementer goes on from there. What the files hold now is
        kept as a checkpoint: you can come back to it.
      </Text>
      <Switch
        label="Take back the conversation too, as far as that turn"
        checked={cut}
        onChange={(event) => setCut(event.currentTarget.checked)}
      />
      {!isLast && <Text size="sm">This goes away, read from there to the last checkpoint:</Text>}
      <Patch id={id} n={n} of="since" empty="Since the last checkpoint only what is not one yet goes away." />
      {back.error ? <Trouble error={back.error} /> : null}
      <Group>
        <Button loading={back.busy} onClick={() => void back.send()}>
          Go back
        </Button>
        <Button variant="default" onClick={onClose}>
          Stay
        </Button>
      </Group>
    </Stack>
  )
}

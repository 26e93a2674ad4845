/** The app that a story has built: started in its jail when asked for, and opened on a host of its own. */
import { Anchor, Button, Code, Group, Paper, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { PreviewView } from '@sluice/proto/rest.ts'
import type { Story } from '@sluice/proto/story.ts'
import { useState } from 'react'
import { getPreview, startPreview, stopPreview } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { shortId } from '../parts/words.ts'

const SOON_MS = 1_000
const LATER_MS = 15_000
const words: Record<PreviewView['state'], string> = {
  off: 'The app is not running.',
  preparing: 'Checking out and setting up …',
  starting: 'The app is starting …',
  running: 'The app is running.',
  ended: 'The app has ended.',
}

export function PreviewPanel({ story }: { story: Story }) {
  const [state, setState] = useState<PreviewView['state']>('off')
  const look = async () => {
    const view = await getPreview(story.id)
    setState(view.state)
    return view
  }
  const asked = useRemote(`preview ${story.id}`, look, { everyMs: isComing(state) ? SOON_MS : LATER_MS })
  const view = asked.data
  if (!view?.command || !view.commit) return null
  return <Shown id={story.id} view={view} again={asked.again} />
}

const isComing = (state: PreviewView['state']): boolean => state === 'preparing' || state === 'starting'

function Shown({ id, view, again }: { id: string; view: PreviewView; again: () => void }) {
  const [log, { toggle }] = useDisclosure(false)
  const start = useCommand(async (key) => {
    await startPreview(id, key)
    again()
  })
  const stop = useCommand(async () => {
    await stopPreview(id)
    again()
  })
  const failed = start.error ?? stop.error
  const { state, address, commit, outdated, problem } = view
  return (
    <Paper withBorder p="sm" component="section" aria-label="The app">
      <Stack gap="xs">
        <Group justify="space-between">
          <Text size="sm" role="status">
            {words[state]} {state !== 'off' && commit && <span className="numbers">Built as {shortId(commit)}.</span>}
          </Text>
          <Group gap="xs">
            {state === 'running' && address && (
              <Anchor href={address} target="_blank" rel="noopener noreferrer" size="sm">
                Open the app ↗
              </Anchor>
            )}
            {(state === 'off' || state === 'ended' || outdated) && (
              <Button size="xs" variant="light" loading={start.busy} onClick={() => start.send()}>
                {outdated ? 'Run the newer build' : 'Run the app'}
              </Button>
            )}
            {state !== 'off' && state !== 'ended' && (
              <Button size="xs" variant="subtle" color="gray" loading={stop.busy} onClick={() => stop.send()}>
                Stop
              </Button>
            )}
            {view.log && (
              <Button size="xs" variant="subtle" onClick={toggle} aria-expanded={log}>
                What it said
              </Button>
            )}
          </Group>
        </Group>
        {problem && (
          <Text size="sm" c="red">
            {problem}
          </Text>
        )}
        {log && (
          <Code block mah={320} style={{ overflow: 'auto' }}>
            {view.log}
          </Code>
        )}
        {failed !== null && <Trouble error={failed} />}
      </Stack>
    </Paper>
  )
}

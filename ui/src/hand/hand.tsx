/** The person's hand on a running story: words, a pause, a stop, the worktree. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { workingOn } from '@sluice/proto/card.ts'
import type { Story } from '@sluice/proto/story.ts'
import { command } from '../api.ts'
import { useKeys } from '../keys/use-keys.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { HoldPanel } from './hold-panel.tsx'
import { MessageBox } from './message-box.tsx'
import { WordsList } from './words-list.tsx'
import './hand.css'

export function Hand({ story }: { story: Story }) {
  if (story.status !== 'running') return null
  const working = workingOn(story)
  return (
    <Stack gap="sm" component="section" aria-label="Your hand on it" className="hand">
      {story.hold && <HoldPanel story={story} hold={story.hold} />}
      <details open={working.length > 0 || story.words.some(({ heard }) => !heard) || undefined}>
        <summary>
          <Text span size="sm">
            {working.length > 0 ? `Speak to ${working.join(', ')}` : 'Speak to whoever works next'}
          </Text>
        </summary>
        <Stack gap="sm" mt="xs">
          <WordsList words={story.words} />
          <MessageBox key={story.id} story={story} />
        </Stack>
      </details>
      {!story.hold && <Holding story={story} busy={working.length > 0} />}
    </Stack>
  )
}

function Holding({ story, busy }: { story: Story; busy: boolean }) {
  const hold = useCommand((key, verb: string) => command(story.id, verb, {}, key))
  const { build, rebase } = story.steps
  const takes = build.at !== 'idle' && rebase.at === 'idle' && !story.approvals.review
  useKeys({ z: () => void hold.send('pause') })
  return (
    <>
      <Group gap="xs">
        <Button size="xs" variant="default" loading={hold.busy} onClick={() => void hold.send('pause')}>
          Pause
        </Button>
        {busy && (
          <Button size="xs" variant="default" loading={hold.busy} onClick={() => void hold.send('stop')}>
            Stop what it does
          </Button>
        )}
        {takes && (
          <Button size="xs" variant="default" loading={hold.busy} onClick={() => void hold.send('take')}>
            Take over
          </Button>
        )}
      </Group>
      {hold.error ? <Trouble error={hold.error} /> : null}
    </>
  )
}

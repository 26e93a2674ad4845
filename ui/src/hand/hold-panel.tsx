/** A story that the person holds: paused, stopped, or with its worktree in their hands; and the way on from there. */
import { Button, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { waitsOf } from '@sluice/proto/card.ts'
import type { Hold } from '@sluice/proto/steering.ts'
import type { Story } from '@sluice/proto/story.ts'
import { command, openWorktree } from '../api.ts'
import { useKeys } from '../keys/use-keys.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { Trouble } from '../parts/problem.tsx'

const titles: Record<Hold['why'], string> = {
  paused: 'Paused by you',
  stopped: 'Stopped by you',
  taken: 'You take it over',
}

export function HoldPanel({ story, hold }: { story: Story; hold: Hold }) {
  const text = waitsOf(story).find(({ kind }) => kind === 'person')?.text
  return (
    <Stack gap="sm" className="panel decision" role="group" aria-label="Held by you">
      <Title order={2} size="h4">
        {hold.lent ? 'You have its worktree' : titles[hold.why]}
      </Title>
      {hold.lent ? (
        <Text size="sm" className="mono">
          {hold.lent.path}
        </Text>
      ) : (
        <Text size="sm">{text}</Text>
      )}
      {hold.why === 'taken' ? hold.lent && <HandBack id={story.id} /> : <Resume id={story.id} />}
    </Stack>
  )
}

function Resume({ id }: { id: string }) {
  const resume = useCommand((key) => command(id, 'resume', {}, key))
  useKeys({ z: () => void resume.send() })
  return (
    <>
      <Group>
        <Button loading={resume.busy} onClick={() => void resume.send()}>
          Resume
        </Button>
      </Group>
      {resume.error ? <Trouble error={resume.error} /> : null}
    </>
  )
}

function HandBack({ id }: { id: string }) {
  const [words, setWords, forget] = useDraft(`${id}.hand-back`)
  const body = (done: boolean) => ({ ...(words.trim() && { words: words.trim() }), ...(done && { done }) })
  const back = useCommand((key, done: boolean) => command(id, 'hand-back', body(done), key).then(forget))
  const open = useCommand(() => openWorktree(id))
  return (
    <>
      <Text size="sm">
        Nothing is asked and nobody touches it until you hand it back. What you changed is kept, and whoever works on it
        is told.
      </Text>
      <Textarea
        label="Anything they should know"
        autosize
        minRows={1}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <Group>
        <Button loading={back.busy} onClick={() => void back.send(false)}>
          Hand it back
        </Button>
        <Button variant="default" loading={back.busy} onClick={() => void back.send(true)}>
          Hand it in as the build
        </Button>
        <Button variant="default" loading={open.busy} onClick={() => void open.send()}>
          Open in editor
        </Button>
      </Group>
      {back.error ? <Trouble error={back.error} /> : null}
      {open.error ? <Trouble error={open.error} /> : null}
    </>
  )
}

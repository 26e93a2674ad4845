/** Asks for a story. What is typed stays until it was taken; what the server refuses is said beside it. */
import { Button, Checkbox, Group, NumberInput, Paper, Radio, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { getForecast, submitStory } from '../api.ts'
import { Files } from '../hand/files.tsx'
import { filesIn, upload } from '../hand/upload.ts'
import { useSession } from '../live/hooks.ts'
import { forecastText } from '../money/forecast-text.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { ChoiceFields, noWish, wishBody } from './choice-fields.tsx'

const OWN = 'own'

export default function NewStory({ onClose }: { onClose?: () => void }) {
  const session = useSession()
  const stories = session?.demo?.stories ?? []
  const [text, setText, forgetText] = useDraft('new-story')
  const [choice, setChoice] = useState<string>(() => (text || stories.length === 0 ? OWN : '0'))
  const [budgetUsd, setBudget] = useState<number | string>(session?.budgetUsd ?? 5)
  const [auto, setAuto] = useState(false)
  const { data: forecast } = useRemote('forecast', getForecast)
  const [wish, setWish] = useState(noWish)
  const [files, setFiles] = useState<File[]>([])
  const [, goTo] = useLocation()
  const submit = useCommand(async (key, body: Record<string, unknown>) => {
    const attachments = await upload(files)
    const { id } = await submitStory({ ...body, ...(attachments.length > 0 && { attachments }) }, key)
    forgetText()
    goTo(`/stories/${id}`)
  })
  const offered = choice === OWN ? undefined : stories[Number(choice)]

  function send(event: React.FormEvent) {
    event.preventDefault()
    const what = offered ? { text: offered.text, title: offered.title } : { text }
    const budget = typeof budgetUsd === 'number' ? { budgetUsd } : {}
    void submit.send({ ...what, ...budget, ...(auto ? { auto } : {}), ...wishBody(wish) })
  }

  return (
    <Paper
      withBorder
      p="md"
      component="form"
      onSubmit={send}
      aria-label="New story"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        setFiles([...files, ...filesIn(event.dataTransfer)])
      }}
    >
      <Stack gap="sm">
        {stories.length > 0 && (
          <Radio.Group
            label="Which story?"
            description="The scripted model plays these; your own repository and key play any other."
            value={choice}
            onChange={setChoice}
          >
            <Stack gap="xs" mt="xs">
              {stories.map((story, i) => (
                <Radio key={story.title} value={String(i)} label={story.title} description={story.text} />
              ))}
              <Radio value={OWN} label="Another" />
            </Stack>
          </Radio.Group>
        )}
        {!offered && (
          <Textarea
            label="What should change?"
            description="In your own words: for whom, what, and how one would see that it is done."
            autosize
            minRows={4}
            maxRows={16}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onPaste={(event) => setFiles([...files, ...filesIn(event.clipboardData)])}
            data-autofocus
          />
        )}
        <Group align="end" gap="md">
          <NumberInput
            label="Budget, in dollars"
            min={0.01}
            step={1}
            decimalScale={2}
            prefix="$"
            w={150}
            value={budgetUsd}
            onChange={setBudget}
          />
          {forecast && (
            <Text size="xs" c="dimmed" maw={280}>
              {forecastText(forecast)}
            </Text>
          )}
          <Checkbox
            label="Approve every gate without me"
            description="Marked on the board and in the commit. Findings that block still wait for you."
            checked={auto}
            onChange={(event) => setAuto(event.currentTarget.checked)}
          />
        </Group>
        <Files files={files} onChange={setFiles} />
        {session && <ChoiceFields session={session} wish={wish} onChange={setWish} />}
        {submit.error ? <Trouble error={submit.error} /> : null}
        <Group>
          <Button type="submit" loading={submit.busy}>
            Begin the story
          </Button>
          {onClose && (
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
          )}
          {!offered && text !== '' && (
            <Text size="xs" c="dimmed">
              The draft is kept in this browser.
            </Text>
          )}
        </Group>
      </Stack>
    </Paper>
  )
}

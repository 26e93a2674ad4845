/** Words for whoever works on a story. Enter sends; what is typed stays until it was taken. */
import { Button, Group, NativeSelect, Stack, Text, Textarea } from '@mantine/core'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import { useRef, useState } from 'react'
import { command, interruptRun } from '../api.ts'
import { useKeys } from '../keys/use-keys.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { Trouble } from '../parts/problem.tsx'
import { Files } from './files.tsx'
import { filesIn, upload } from './upload.ts'

/** Who has a request in hand; the checks and the release ask no model. */
const atWork = (story: Story): string[] =>
  stepsOf(story).flatMap(({ role, step }) =>
    step.at === 'asked' && role !== 'checks' && role !== 'releaser' ? [role] : [],
  )

export function MessageBox({ story }: { story: Story }) {
  const { id } = story
  const working = atWork(story)
  const [chosen, setChosen] = useState('')
  const to = working.includes(chosen) ? chosen : working[0]
  const [text, setText, forget] = useDraft(`${id}.steer`)
  const [files, setFiles] = useState<File[]>([])
  const box = useRef<HTMLTextAreaElement>(null)
  useKeys({ m: () => box.current?.focus() })
  const [said, setSaid] = useState<string | null>(null)
  const role = to ? { role: to } : {}
  const send = useCommand(async (key, words: string) => {
    const attachments = await upload(files)
    const body = { text: words, ...role, ...(attachments.length > 0 && { attachments }) }
    const { says } = await command(id, 'steer', body, key)
    setSaid(says ?? null)
    setFiles([])
    forget()
  })
  const interrupt = useCommand(async () => {
    const reached = await interruptRun(id, role)
    setSaid(`${reached.role} is interrupted and waits a minute for your words.`)
  })
  const sendNow = () => {
    if (text.trim() !== '') void send.send(text.trim())
  }

  return (
    <Stack
      gap="xs"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        setFiles([...files, ...filesIn(event.dataTransfer)])
      }}
    >
      {working.length > 1 && (
        <NativeSelect
          label="To whom"
          size="xs"
          value={to ?? ''}
          data={working}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
      )}
      <Textarea
        label={to ? `Say something to ${to}` : 'Say something to whoever works next'}
        description="Enter sends, Shift Enter begins a line. Drop or paste pictures and files here."
        autosize
        minRows={1}
        maxRows={8}
        ref={box}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onPaste={(event) => setFiles([...files, ...filesIn(event.clipboardData)])}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
          event.preventDefault()
          sendNow()
        }}
      />
      <Group gap="xs">
        <Button size="xs" loading={send.busy} onClick={sendNow}>
          Say it
        </Button>
        {to && !story.hold && (
          <Button size="xs" variant="default" loading={interrupt.busy} onClick={() => void interrupt.send()}>
            Interrupt
          </Button>
        )}
        <Files files={files} onChange={setFiles} />
        {said && (
          <Text size="xs" c="dimmed" role="status">
            {said}
          </Text>
        )}
      </Group>
      {send.error ? <Trouble error={send.error} /> : null}
      {interrupt.error ? <Trouble error={interrupt.error} /> : null}
    </Stack>
  )
}

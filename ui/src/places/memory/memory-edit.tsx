/** The form in which a person puts an entry right. What was recorded is kept and can be had back. */
import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core'
import type { MemoryHit } from '@sluice/proto/rest.ts'
import { useState } from 'react'

type Edit = { title: string | null; text: string | null }

export function MemoryEdit({ hit, busy, onSave }: { hit: MemoryHit; busy: boolean; onSave: (edit: Edit) => void }) {
  const [title, setTitle] = useState(hit.title)
  const [text, setText] = useState(hit.summary)
  return (
    <form
      aria-label={`Edit ${hit.title}`}
      onSubmit={(event) => {
        event.preventDefault()
        onSave({ title, text })
      }}
    >
      <Stack gap="xs" mt="xs">
        <TextInput
          label="Title"
          required
          maxLength={200}
          value={title}
          onChange={(e) => setTitle(e.currentTarget.value)}
        />
        <Textarea
          label="What agents are told"
          required
          autosize
          minRows={3}
          maxRows={16}
          maxLength={8_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group gap="xs">
          <Button type="submit" size="compact-sm" loading={busy}>
            Save
          </Button>
          {hit.edited && (
            <Button
              size="compact-sm"
              variant="default"
              disabled={busy}
              onClick={() => onSave({ title: null, text: null })}
            >
              Back to what was recorded
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

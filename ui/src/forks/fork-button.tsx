/** Another story from what this one's gates let pass: which gate, and what it is to work with. */
import { Button, Group, NativeSelect, Popover, Stack, Text, TextInput } from '@mantine/core'
import type { Story } from '@sluice/proto/story.ts'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { forkStory } from '../api.ts'
import { ChoiceFields, noWish, wishBody } from '../board/choice-fields.tsx'
import { useSession } from '../live/hooks.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'

const what: Record<string, string> = {
  scope: 'after scope: designed anew',
  design: 'after design: planned anew',
  architecture: 'after architecture: built anew',
  review: 'at review: goes on from what was handed in',
}

/** The gates it has passed, the last first; at review once something was handed in. */
export function gatesOf({ approvals, steps }: Pick<Story, 'approvals' | 'steps'>): string[] {
  const passed = ['scope', 'design', 'architecture'].filter((gate) => approvals[gate])
  const built = passed.length === 3 && steps.build.at === 'done' ? ['review'] : []
  return [...passed, ...built].sort((a, b) => Number(b === 'architecture') - Number(a === 'architecture'))
}

export function ForkButton({ story }: { story: Story }) {
  const [open, setOpen] = useState(false)
  const gates = gatesOf(story)
  if (gates.length === 0) return null
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={460} trapFocus withinPortal>
      <Popover.Target>
        <Button variant="subtle" color="gray" size="xs" onClick={() => setOpen(!open)} aria-expanded={open}>
          Fork…
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <ForkForm id={story.id} gates={gates} onClose={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

function ForkForm({ id, gates, onClose }: { id: string; gates: readonly string[]; onClose: () => void }) {
  const session = useSession()
  const [, goTo] = useLocation()
  const [at, setAt] = useState(gates[0] ?? '')
  const [title, setTitle] = useState('')
  const [wish, setWish] = useState(noWish)
  const fork = useCommand((key) =>
    forkStory(id, { at, ...(title.trim() && { title: title.trim() }), ...wishBody(wish) }, key).then((made) => {
      onClose()
      goTo(`/stories/${made.id}`)
    }),
  )
  return (
    <Stack gap="sm" role="group" aria-label="Fork this story">
      <Text size="sm">A story of its own on the same base, with the same approved documents, beside this one.</Text>
      <NativeSelect
        label="Where it begins"
        value={at}
        onChange={(event) => setAt(event.currentTarget.value)}
        data={gates.map((gate) => ({ value: gate, label: what[gate] ?? gate }))}
      />
      <TextInput
        label="Title"
        value={title}
        maxLength={120}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      {session && <ChoiceFields session={session} wish={wish} onChange={setWish} />}
      {fork.error ? <Trouble error={fork.error} /> : null}
      <Group>
        <Button loading={fork.busy} onClick={() => void fork.send()}>
          Fork the story
        </Button>
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
      </Group>
    </Stack>
  )
}

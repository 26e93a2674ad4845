/** A new seat: its name, and who sits there. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { AddSeat, SeatView } from '@sluice/proto/rest.ts'
import { useState } from 'react'
import { addSeat } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { sittingFrom, typedFrom } from './sitting.ts'
import { SittingForm } from './sitting-form.tsx'

export function AddReviewer({ seats, onAdded }: { seats: readonly SeatView[]; onAdded(): void }) {
  const [open, { toggle, close }] = useDisclosure(false)
  const [seat, setSeat] = useState('')
  const [typed, setTyped] = useState(() => typedFrom(null))
  const [missing, setMissing] = useState<string | null>(null)
  const add = useCommand((key, body: AddSeat) =>
    addSeat(body, key).then(() => {
      setSeat('')
      close()
      onAdded()
    }),
  )

  function send(event: React.FormEvent): void {
    event.preventDefault()
    const name = seat.trim()
    const sitting = sittingFrom(typed)
    const wrong = wrongName(name, seats) ?? ('missing' in sitting ? sitting.missing : null)
    setMissing(wrong)
    if (wrong === null && !('missing' in sitting)) void add.send({ seat: name, sitting })
  }

  if (!open)
    return (
      <Group>
        <Button size="xs" onClick={toggle}>
          Add a reviewer…
        </Button>
      </Group>
    )
  return (
    <Stack gap="xs" className="panel" component="form" onSubmit={send} aria-label="Add a reviewer">
      <TextInput
        label="Name of the seat"
        description="What it looks after: accessibility, licences, style."
        maw={320}
        value={seat}
        onChange={(event) => setSeat(event.currentTarget.value)}
        data-autofocus
      />
      <SittingForm typed={typed} onType={setTyped} />
      {missing && (
        <Text size="sm" className="last-error" role="alert">
          {missing}
        </Text>
      )}
      {add.error ? <Trouble error={add.error} /> : null}
      <Group gap="xs">
        <Button size="xs" type="submit" loading={add.busy}>
          Add the seat
        </Button>
        <Button size="xs" variant="default" onClick={close}>
          Not now
        </Button>
      </Group>
    </Stack>
  )
}

function wrongName(name: string, seats: readonly SeatView[]): string | null {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(name)) return 'A seat’s name is letters, digits, - and _.'
  return seats.some(({ seat }) => seat === name) ? `There is a seat ${name} already: swap who sits there.` : null
}

/** The seats of the review: who sits in each, whether they take requests, swapping and removing. */
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core'
import { checksSeat } from '@sluice/proto/pipeline.ts'
import type { SeatView } from '@sluice/proto/rest.ts'
import { useState } from 'react'
import { removeSeat, swapSeat } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { count } from '../parts/words.ts'
import { sittingFrom, sittingText, type Typed, typedFrom } from './sitting.ts'
import { SittingForm } from './sitting-form.tsx'

export function Reviewers({ seats, again }: { seats: readonly SeatView[]; again(): void }) {
  if (seats.length === 0) return <Text c="dimmed">No seat yet.</Text>
  return (
    <ul className="plain seats">
      {seats.map((seat) => (
        <Seat key={seat.seat} view={seat} again={again} />
      ))}
    </ul>
  )
}

const states = {
  running: ['takes requests', 'teal.9'],
  starting: ['starts', 'blue.8'],
  stopped: ['stopped', 'red.8'],
  unknown: ['nobody heard of yet', 'gray.7'],
} as const

function Seat({ view, again }: { view: SeatView; again(): void }) {
  const { seat, sitting, required, state, pending, file } = view
  const [doing, setDoing] = useState<'swap' | 'remove' | null>(null)
  const [label, color] = states[state]
  const done = () => {
    setDoing(null)
    again()
  }
  return (
    <li className="panel">
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text fw={650}>{seat}</Text>
          <Badge size="sm" color={color}>
            {label}
          </Badge>
          {!required && (
            <Badge size="sm" color="gray.7" variant="outline">
              heard, not needed
            </Badge>
          )}
          {pending !== null && pending > 0 && <span className="quiet">{count(pending, 'request')} waiting</span>}
        </Group>
        {seat !== checksSeat && (
          <Group gap={6}>
            <Button size="compact-sm" variant="default" onClick={() => setDoing(doing === 'swap' ? null : 'swap')}>
              Swap…
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setDoing(doing === 'remove' ? null : 'remove')}>
              Remove…
            </Button>
          </Group>
        )}
      </Group>
      <Text size="sm">{sittingText(sitting)}</Text>
      {sitting.kind === 'external' && (
        <Text size="xs" c="dimmed">
          Its credentials: <Code>{file}</Code>
        </Text>
      )}
      {doing === 'swap' && <Swap view={view} onDone={done} />}
      {doing === 'remove' && <Remove seat={seat} onDone={done} />}
    </li>
  )
}

function Swap({ view, onDone }: { view: SeatView; onDone(): void }) {
  const [typed, setTyped] = useState<Typed>(() => typedFrom(view.sitting))
  const [missing, setMissing] = useState<string | null>(null)
  const swap = useCommand((key, body: Parameters<typeof swapSeat>[1]) => swapSeat(view.seat, body, key).then(onDone))

  function send(event: React.FormEvent): void {
    event.preventDefault()
    const sitting = sittingFrom(typed)
    setMissing('missing' in sitting ? sitting.missing : null)
    if (!('missing' in sitting)) void swap.send({ sitting })
  }

  return (
    <Stack gap="xs" mt="xs" component="form" onSubmit={send} aria-label={`Swap who sits in ${view.seat}`}>
      <SittingForm typed={typed} onType={setTyped} />
      {missing && (
        <Text size="sm" className="last-error" role="alert">
          {missing}
        </Text>
      )}
      {swap.error ? <Trouble error={swap.error} /> : null}
      <Group gap="xs">
        <Button size="xs" type="submit" loading={swap.busy}>
          Swap
        </Button>
        <Text size="xs" c="dimmed">
          What is under review goes on: the next one takes what the last one did not answer.
        </Text>
      </Group>
    </Stack>
  )
}

function Remove({ seat, onDone }: { seat: string; onDone(): void }) {
  const remove = useCommand(() => removeSeat(seat).then(onDone))
  return (
    <Stack gap="xs" mt="xs">
      <Text size="sm">New stories will not need {seat}. Stories that began with it still do.</Text>
      {remove.error ? <Trouble error={remove.error} /> : null}
      <Group>
        <Button size="xs" color="red.8" loading={remove.busy} onClick={() => void remove.send()}>
          Remove {seat}
        </Button>
      </Group>
    </Stack>
  )
}

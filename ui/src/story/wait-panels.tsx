/** What a run stands still for besides a gate and answers: a higher budget, or to be tried again. */
import { Button, Group, NumberInput, Stack, Text, Textarea, Title } from '@mantine/core'
import type { Waiting } from '@sluice/proto/parts.ts'
import { useState } from 'react'
import { command } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { Trouble } from '../parts/problem.tsx'
import { usd } from '../parts/words.ts'
import type { Asks } from './asks.ts'

export function BudgetPanel({ id, waiting }: { id: string; waiting: Extract<Waiting, { kind: 'budget' }> }) {
  const { spentUsd, neededUsd, budgetUsd } = waiting
  const [line, setLine] = useState<number | string>(Math.ceil((Math.max(budgetUsd, spentUsd) + neededUsd) * 2) / 2)
  const raise = useCommand((key) => command(id, 'budget', { budgetUsd: Number(line) }, key))
  return (
    <Stack gap="sm" className="panel decision" role="group" aria-label="Budget">
      <Title order={2} size="h4">
        The budget is used up
      </Title>
      <Text size="sm">
        {usd(spentUsd)} of {usd(budgetUsd)} are spent, and the next call may cost {usd(neededUsd)}. Nothing is lost: it
        goes on from here once you raise the line, or cancel the story.
      </Text>
      <Group align="end">
        <NumberInput
          label="New budget, in dollars"
          prefix="$"
          min={budgetUsd}
          step={1}
          decimalScale={2}
          value={line}
          onChange={setLine}
          w={190}
        />
        <Button loading={raise.busy} onClick={() => void raise.send()}>
          Raise the budget
        </Button>
      </Group>
      {raise.error ? <Trouble error={raise.error} /> : null}
    </Stack>
  )
}

export function StuckPanel({ id, stuck }: { id: string; stuck: Asks['stuck'] }) {
  const [comment, setComment, forget] = useDraft(`${id}.retry`)
  const retry = useCommand((key, body: object) => command(id, 'retry', body, key).then(forget))
  return (
    <Stack gap="sm" className="panel failed" role="group" aria-label="Try again">
      {stuck.map(({ role, request, what, mend }) => (
        <div key={`${role} ${request}`}>
          <Title order={2} size="h4">
            {role} cannot go on
          </Title>
          <Text size="sm" className="reason">
            {what}
          </Text>
          <Text size="sm" c="dimmed">
            {mend}
          </Text>
        </div>
      ))}
      <Textarea
        label="Anything it should know"
        autosize
        minRows={1}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      {retry.error ? <Trouble error={retry.error} /> : null}
      <Group>
        <Button loading={retry.busy} onClick={() => void retry.send(comment.trim() ? { comment: comment.trim() } : {})}>
          Try again
        </Button>
      </Group>
    </Stack>
  )
}

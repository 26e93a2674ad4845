/** What a run stands still for besides a gate and answers: a higher budget, or to be tried again. */
import { Button, Group, NumberInput, Stack, Text, Textarea, Title } from '@mantine/core'
import type { Waiting } from '@sluice/proto/parts.ts'
import { useState } from 'react'
import { useKeys } from '../keys/use-keys.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { Trouble } from '../parts/problem.tsx'
import { useSay } from '../parts/say.ts'
import { usd } from '../parts/words.ts'
import type { Asks } from './asks.ts'
import { KeyHint } from './gate-words.tsx'

export function BudgetPanel({ id, waiting }: { id: string; waiting: Extract<Waiting, { kind: 'budget' }> }) {
  const { spentUsd, neededUsd, budgetUsd } = waiting
  const [line, setLine] = useState<number | string>(Math.ceil((Math.max(budgetUsd, spentUsd) + neededUsd) * 2) / 2)
  const { say, keys } = useSay()
  const raise = useCommand((key) =>
    say({
      id,
      verb: 'budget',
      body: { budgetUsd: Number(line) },
      key,
      about: `Raised the budget to ${usd(Number(line))}.`,
    }),
  )
  useKeys(keys ? { a: () => void raise.send() } : {})
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
          {keys && <KeyHint of="a" />}
        </Button>
      </Group>
      {raise.error ? <Trouble error={raise.error} /> : null}
    </Stack>
  )
}

export function StuckPanel({ id, stuck }: { id: string; stuck: Asks['stuck'] }) {
  const [comment, setComment, forget] = useDraft(`${id}.retry`)
  const { say, keys } = useSay()
  const retry = useCommand((key, body: object) =>
    say({ id, verb: 'retry', body, key, about: 'Asked to try again.' }).then(forget),
  )
  const tryAgain = () => void retry.send(comment.trim() ? { comment: comment.trim() } : {})
  useKeys(keys ? { a: tryAgain } : {})
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
        <Button loading={retry.busy} onClick={tryAgain}>
          Try again
          {keys && <KeyHint of="a" />}
        </Button>
      </Group>
    </Stack>
  )
}

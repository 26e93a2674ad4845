/** What a run stands still for besides a gate and answers: a higher budget, or to be tried again. */
import { Button, Group, NumberInput, Stack, Text, Textarea, Title } from '@mantine/core'
import { goOn, type Raise } from '@sluice/proto/budget-lines.ts'
import { budgetText } from '@sluice/proto/card.ts'
import type { BudgetLine, Waiting } from '@sluice/proto/parts.ts'
import type { Story } from '@sluice/proto/story.ts'
import { useState } from 'react'
import { useKeys } from '../keys/use-keys.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { Trouble } from '../parts/problem.tsx'
import { useSay } from '../parts/say.ts'
import { short, usd } from '../parts/words.ts'
import type { Asks } from './asks.ts'
import { KeyHint } from './gate-words.tsx'

type Stopped = Extract<Waiting, { kind: 'budget' }>

/** One click goes on; whoever wants another amount types it. */
export function BudgetPanel({ story, waiting }: { story: Story; waiting: Stopped }) {
  const { id } = story
  const raise = goOn(story)
  const [line, setLine] = useState<number | string>(raise?.budgetUsd ?? waiting.budgetUsd)
  const { say, keys } = useSay()
  const send = useCommand((key, body: object, about: string) => say({ id, verb: 'budget', body, key, about }))
  const further = () => void send.send({ goOn: true }, `Let it go on: ${raise ? movedText(raise, story) : 'further'}.`)
  useKeys(keys ? { a: further } : {})
  return (
    <Stack gap="sm" className="panel decision" role="group" aria-label="Budget">
      <Title order={2} size="h4">
        {titles[waiting.line ?? 'hard']}
      </Title>
      <Text size="sm">{budgetText(waiting)} Nothing is lost: it goes on from here.</Text>
      <Group align="end">
        {raise && (
          <Button loading={send.busy} onClick={further}>
            Go on, {movedText(raise, story)}
            {keys && <KeyHint of="a" />}
          </Button>
        )}
        <NumberInput
          label="Or your own, in dollars"
          prefix="$"
          min={0}
          step={1}
          decimalScale={2}
          value={line}
          onChange={setLine}
          w={260}
        />
        <Button
          variant="default"
          loading={send.busy}
          onClick={() => void send.send({ budgetUsd: Number(line) }, `Set the budget to ${usd(Number(line))}.`)}
        >
          Set the budget
        </Button>
      </Group>
      {send.error ? <Trouble error={send.error} /> : null}
    </Stack>
  )
}

const titles: Record<BudgetLine, string> = {
  soft: 'The soft line is passed',
  hard: 'The budget is used up',
  day: 'Today’s line is reached',
  role: 'The line of a role is reached',
  stage: 'The line of a stage is reached',
  tokens: 'The line of tokens is reached',
}

/** What one click moves, and to where. */
function movedText({ budgetUsd, limits = {} }: Raise, story: Story): string {
  const named = Object.entries({ ...limits.roles, ...limits.stages }).map(([name, at]) => `${name} up to ${usd(at)}`)
  const moved = [
    ...(budgetUsd > story.budgetUsd ? [`up to ${usd(budgetUsd)}`] : []),
    ...(limits.softUsd && budgetUsd === story.budgetUsd ? [`up to the budget of ${usd(budgetUsd)}`] : []),
    ...(limits.dayUsd ? [`${usd(limits.dayUsd)} today`] : []),
    ...(limits.tokens ? [`up to ${short(limits.tokens)} tokens`] : []),
    ...named,
  ]
  return moved.join(', ')
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

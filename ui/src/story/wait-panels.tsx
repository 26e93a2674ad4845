/** What a parked run waits for besides a gate: answers, a higher budget, or to be tried again. */
import { Button, Group, NumberInput, Radio, Stack, Text, Textarea, Title } from '@mantine/core'
import type { Question, Waiting } from '@sluice/proto/parts.ts'
import { useState } from 'react'
import { command } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { Trouble } from '../parts/problem.tsx'
import { usd } from '../parts/words.ts'
import type { Asks } from './asks.ts'

export function QuestionsPanel({
  id,
  role,
  request,
  questions,
}: {
  id: string
  role: string
  request: string
  questions: Question[]
}) {
  const [draft, setDraft, forget] = useDraft(`${id}.${request}`)
  const [incomplete, setIncomplete] = useState(false)
  const answer = useCommand((key, body: object) => command(id, 'answer', body, key))
  const given = readAnswers(draft)
  const give = (question: string, text: string) => setDraft(JSON.stringify({ ...given, [question]: text }))

  async function send(event: React.FormEvent): Promise<void> {
    event.preventDefault()
    const answers = questions.map((q) => ({ id: q.id, text: q.text, answer: (given[q.id] ?? '').trim() }))
    setIncomplete(answers.some((a) => !a.answer))
    if (answers.some((a) => !a.answer)) return
    if (await answer.send({ request, answers })) forget()
  }

  return (
    <form className="panel decision" onSubmit={(event) => void send(event)} aria-label={`Questions of ${role}`}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {role} asks
        </Title>
        {questions.map((question) => (
          <Answering
            key={question.id}
            question={question}
            text={given[question.id] ?? ''}
            onText={(text) => give(question.id, text)}
            missing={incomplete}
          />
        ))}
        {answer.error ? <Trouble error={answer.error} /> : null}
        <Group>
          <Button type="submit" loading={answer.busy}>
            Answer
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Answering({
  question,
  text,
  onText,
  missing,
}: {
  question: Question
  text: string
  onText: (text: string) => void
  missing: boolean
}) {
  const error = missing && !text.trim() && 'This still wants an answer.'
  const box = (
    <Textarea
      label={question.choices ? 'Or in your own words' : question.text}
      autosize
      minRows={1}
      value={text}
      onChange={(event) => onText(event.currentTarget.value)}
      error={error}
    />
  )
  if (!question.choices) return box
  return (
    <Stack gap="xs">
      <Radio.Group label={question.text} value={text} onChange={onText}>
        <Stack gap={6} mt={6}>
          {question.choices.map((choice) => (
            <Radio key={choice} value={choice} label={choice} />
          ))}
        </Stack>
      </Radio.Group>
      {box}
    </Stack>
  )
}

function readAnswers(draft: string): Record<string, string> {
  try {
    return JSON.parse(draft || '{}')
  } catch {
    return {}
  }
}

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

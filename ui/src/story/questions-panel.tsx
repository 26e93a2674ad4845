/** What a role asked: each question with its choices or a place to write, answered together. */
import { Button, Group, Radio, Stack, Textarea, Title } from '@mantine/core'
import type { Question } from '@sluice/proto/parts.ts'
import { useState } from 'react'
import { useKeys } from '../keys/use-keys.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { Trouble } from '../parts/problem.tsx'
import { useSay } from '../parts/say.ts'
import { KeyHint } from './gate-words.tsx'

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
  const { say, keys } = useSay()
  const answer = useCommand((key, body: object) =>
    say({ id, verb: 'answer', body, key, about: `Answered what ${role} asked.` }),
  )
  const given = readAnswers(draft)
  const give = (question: string, text: string) => setDraft(JSON.stringify({ ...given, [question]: text }))

  async function send(event?: React.FormEvent): Promise<void> {
    event?.preventDefault()
    const answers = questions.map((q) => ({ id: q.id, text: q.text, answer: (given[q.id] ?? '').trim() }))
    setIncomplete(answers.some((a) => !a.answer))
    if (answers.some((a) => !a.answer)) return
    if (await answer.send({ request, answers })) forget()
  }

  useKeys(keys ? { a: () => void send() } : {})

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
            {keys && <KeyHint of="a" />}
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

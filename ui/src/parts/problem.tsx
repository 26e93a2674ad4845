/** What went wrong, in one sentence, and what to do about it. */
import { Alert, Text } from '@mantine/core'
import { problemFrom } from '../api.ts'

export function Trouble({ error, title }: { error: unknown; title?: string }) {
  const { error: sentence, mend } = problemFrom(error)
  return (
    <Alert color="red" variant="light" role="alert" {...(title ? { title } : {})}>
      <Text size="sm" fw={600}>
        {sentence}
      </Text>
      <Text size="sm">{mend}</Text>
    </Alert>
  )
}

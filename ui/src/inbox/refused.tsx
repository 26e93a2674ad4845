/** A decision that was not taken: which, why, what was typed with it, and what is on the table instead. */
import { Button, Group, Text } from '@mantine/core'
import { NotTaken } from '../story/gate-words.tsx'
import type { Refusal } from './outbox.ts'
import { forgetRefusal } from './use-inbox.ts'

export function Refused({ refusal: { letter, error } }: { refusal: Refusal }) {
  const typed = typedIn(letter.body)
  return (
    <div>
      <NotTaken error={error}>
        <Text size="sm" mt={4}>
          It was: {letter.about}
        </Text>
        {typed && (
          <Text size="sm" className="asked" component="blockquote" m={0} mt={4} pl="sm">
            {typed}
          </Text>
        )}
        <Group mt={6}>
          <Button size="compact-sm" variant="default" onClick={() => forgetRefusal(letter.id)}>
            I have seen it
          </Button>
        </Group>
      </NotTaken>
    </div>
  )
}

/** What a person wrote into it. */
function typedIn(body: unknown): string | null {
  const { comment, dismiss } = (body ?? {}) as { comment?: string; dismiss?: string }
  return comment ?? dismiss ?? null
}

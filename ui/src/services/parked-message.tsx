/** A message nobody could read: why, and sending it again. */
import { Button, Group, Stack, Text } from '@mantine/core'
import type { ParkedView } from '@sluice/proto/rest.ts'
import { Link } from 'wouter'
import { resendParked } from '../api.ts'
import { useKeys } from '../keys/use-keys.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { useSay } from '../parts/say.ts'
import { At } from '../parts/time.tsx'
import { KeyHint } from '../story/gate-words.tsx'

export function ParkedMessage({ message, onSent }: { message: ParkedView; onSent: () => void }) {
  const { keys } = useSay()
  const resend = useCommand((key) => resendParked(message.sequence, key).then(onSent))
  useKeys(keys ? { a: () => void resend.send() } : {})
  return (
    <Stack gap={4} className="panel">
      <Group justify="space-between">
        <Text size="sm" ff="monospace">
          {message.subject}
        </Text>
        <Button size="xs" variant="default" loading={resend.busy} onClick={() => void resend.send()}>
          Send again
          {keys && <KeyHint of="a" />}
        </Button>
      </Group>
      <Text size="sm">{message.reason}</Text>
      <Text size="xs" c="dimmed">
        Number {message.sequence}, <At at={message.at} />, of{' '}
        <Link href={`/stories/${message.storyId}`}>its story</Link>
      </Text>
      {resend.error ? <Trouble error={resend.error} /> : null}
    </Stack>
  )
}

/** What an agent asks to be allowed: each call with what it would do, decided by one click, once or for the whole story. */
import { Button, Code, Group, Stack, Text, Title } from '@mantine/core'
import type { PermissionAsked } from '@sluice/proto/parts.ts'
import { useKeys } from '../keys/use-keys.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { useSay } from '../parts/say.ts'
import { KeyHint } from './gate-words.tsx'

type Asking = { id: string; role: string; request: string; permissions: readonly PermissionAsked[] }
type Decision = { allow: boolean; forStory?: boolean }

export function PermissionsPanel({ id, role, request, permissions }: Asking) {
  const { say, keys } = useSay()
  const permit = useCommand((key, { asked, ...decision }: Decision & { asked: PermissionAsked }) =>
    say({
      ...{ id, verb: 'permit', key },
      body: { request, permission: asked.id, key: asked.key, ...decision },
      about: `${decision.allow ? 'Allowed' : 'Refused'}: ${asked.title}`,
    }),
  )
  const [first] = permissions
  const decide = (asked: PermissionAsked, decision: Decision) => void permit.send({ asked, ...decision })
  useKeys(keys && first ? { a: () => decide(first, { allow: true }) } : {})
  return (
    <Stack gap="sm" className="panel decision" role="group" aria-label={`Permissions of ${role}`}>
      <Title order={2} size="h4">
        {role} asks whether it may
      </Title>
      {permissions.map((asked, i) => (
        <Stack gap={4} key={asked.id}>
          <Text size="sm" fw={600}>
            {asked.tool}: {asked.title}
          </Text>
          <Code block className="permission-detail">
            {asked.detail}
          </Code>
          <Group gap="xs">
            <Button size="compact-sm" loading={permit.busy} onClick={() => decide(asked, { allow: true })}>
              Allow once
              {keys && i === 0 && <KeyHint of="a" />}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              disabled={permit.busy}
              onClick={() => decide(asked, { allow: true, forStory: true })}
            >
              Allow for this story
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              color="red"
              disabled={permit.busy}
              onClick={() => decide(asked, { allow: false })}
            >
              Do not allow
            </Button>
          </Group>
        </Stack>
      ))}
      {permit.error ? <Trouble error={permit.error} /> : null}
    </Stack>
  )
}

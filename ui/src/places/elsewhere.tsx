/** Where there is nothing to show: no session, or no such page. */
import { Anchor, Center, Code, Paper, Stack, Text, Title } from '@mantine/core'
import { Link } from 'wouter'

export function SignedOut() {
  return (
    <Sheet title="This page does not know you">
      <Text>
        Open the address that <Code>sluice up</Code> printed: it carries your session's token, and only who holds it may
        read and decide here.
      </Text>
      <Text c="dimmed" size="sm">
        Started anew since? Then the token is a new one: look at the terminal again.
      </Text>
    </Sheet>
  )
}

export function Nowhere() {
  return (
    <Sheet title="There is no such page">
      <Text>
        The <Link href="/">board</Link> shows every story.
      </Text>
    </Sheet>
  )
}

export function Missing({ id }: { id: string }) {
  return (
    <Sheet title="There is no such story">
      <Text>
        No story is called <Code>{id}</Code> here. The{' '}
        <Anchor component={Link} href="/">
          board
        </Anchor>{' '}
        shows all there are.
      </Text>
    </Sheet>
  )
}

function Sheet({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Center mih="50vh" p="md">
      <Paper withBorder p="xl" maw={520}>
        <Stack gap="sm">
          <Title order={1} size="h3">
            {title}
          </Title>
          {children}
        </Stack>
      </Paper>
    </Center>
  )
}

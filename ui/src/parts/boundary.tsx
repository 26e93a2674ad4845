/** What cannot be shown takes nothing else along: the header stays, and the way to go on is said. */
import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { Component } from 'react'

type Shown = { children: React.ReactNode }

export class Boundary extends Component<Shown, { broken: unknown }> {
  override state = { broken: null }

  static getDerivedStateFromError(broken: unknown) {
    return { broken }
  }

  override render(): React.ReactNode {
    const { broken } = this.state
    if (broken === null) return this.props.children
    return (
      <Stack gap="sm" className="panel failed" maw={720} role="alert">
        <Title order={1} size="h4">
          This page cannot be shown
        </Title>
        <Text size="sm">{String(broken)}</Text>
        <Text size="sm">
          Load it again: nothing that was recorded or typed is lost. The other pages work meanwhile.
        </Text>
        <Group>
          <Button size="xs" onClick={() => location.reload()}>
            Load again
          </Button>
        </Group>
      </Stack>
    )
  }
}

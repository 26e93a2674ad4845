/** Nothing waits: what goes on without the person, and how to begin something. */
import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core'
import { Link } from 'wouter'
import { useCards } from '../live/hooks.ts'
import { count } from '../parts/words.ts'

export function Empty() {
  const all = [...(useCards()?.values() ?? [])]
  const running = all.filter(({ status }) => status === 'running')
  const shipped = all.filter(({ status }) => status === 'shipped')
  return (
    <Stack gap="sm" className="panel inbox-empty">
      <Title order={2} size="h4">
        {all.length > 0 ? 'All decided' : 'Nothing to decide yet'}
      </Title>
      {running.length > 0 ? (
        <>
          <Text size="sm">
            {count(running.length, 'story goes', 'stories go')} on without you. The next one that needs you stands here
            at once, and is counted in the tab.
          </Text>
          <ul className="plain stack">
            {running.slice(0, 6).map(({ id, title, stage, working, waitingFor }) => (
              <li key={id}>
                <Anchor component={Link} href={`/stories/${id}`} size="sm" fw={600}>
                  {title}
                </Anchor>{' '}
                <Text span size="sm" c="dimmed">
                  {stage}: {working.length > 0 ? `${working.join(', ')} at work` : (waitingFor ?? 'about to go on')}
                </Text>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <Text size="sm">
          Nothing is under way. {shipped.length > 0 && `${count(shipped.length, 'story has', 'stories have')} shipped.`}
        </Text>
      )}
      <Group>
        <Button component={Link} href="/?new" size="xs">
          New story
        </Button>
        <Button component={Link} href="/" size="xs" variant="default">
          To the board
        </Button>
      </Group>
    </Stack>
  )
}

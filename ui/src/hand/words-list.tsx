/** What the person said while the story ran, and who has heard it. */
import { Badge, Group, Text } from '@mantine/core'
import type { Spoken } from '@sluice/proto/steering.ts'
import { Prose } from '../parts/prose.tsx'
import { Ago } from '../parts/time.tsx'

export function WordsList({ words }: { words: readonly Spoken[] }) {
  if (words.length === 0) return null
  return (
    <ol className="words" aria-label="What you said">
      {words.map(({ id, text, at, role, heard, attachments }) => (
        <li key={id}>
          <Text size="sm" className="asked">
            <Prose text={text} />
          </Text>
          <Group gap="xs">
            {heard ? (
              <Badge size="xs" color="teal" variant="light">
                heard by {heard.role}
              </Badge>
            ) : (
              <Badge size="xs" color="attention" variant="light">
                not heard yet
              </Badge>
            )}
            <Text size="xs" c="dimmed">
              {role && !heard && `for ${role}, `}
              <Ago at={at} />
              {attachments && ` · ${attachments.map(({ name }) => name).join(', ')}`}
            </Text>
          </Group>
        </li>
      ))}
    </ol>
  )
}

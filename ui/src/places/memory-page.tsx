/** What earlier stories left behind, found by words. */
import { Anchor, Badge, Button, Group, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import type { MemoryHit } from '@sluice/proto/rest.ts'
import { useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { searchMemory } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { shortId } from '../parts/words.ts'

export default function MemoryPage() {
  const [params, setParams] = useSearchParams()
  const asked = params.get('q') ?? ''
  const [text, setText] = useState(asked)
  return (
    <Stack gap="md" maw={820}>
      <Title order={1} size="h3">
        Memory
      </Title>
      <Text size="sm">
        Stories that shipped. What fits a new story is given to the agents that work on it, and stands in their runs.
      </Text>
      <search>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            setParams(text.trim() ? { q: text.trim() } : {})
          }}
        >
          <Group align="end" gap="xs">
            <TextInput
              label="Search shipped stories"
              type="search"
              flex={1}
              miw={200}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <Button type="submit">Search</Button>
          </Group>
        </form>
      </search>
      {asked && <Hits key={asked} text={asked} />}
    </Stack>
  )
}

function Hits({ text }: { text: string }) {
  const { data, error, loading } = useRemote(text, () => searchMemory(text))
  if (error) return <Trouble error={error} />
  if (loading || !data) return <Skeleton height={120} />
  if (data.length === 0) return <Text c="dimmed">No shipped story speaks of that.</Text>
  return (
    <Stack gap="sm" component="ul" className="plain" aria-label="Found stories">
      {data.map((hit) => (
        <Hit key={hit.storyId} hit={hit} />
      ))}
    </Stack>
  )
}

function Hit({ hit }: { hit: MemoryHit }) {
  return (
    <li className="panel">
      <Group justify="space-between" wrap="nowrap" align="start">
        <Anchor component={Link} href={`/stories/${hit.storyId}`} fw={600}>
          {hit.title}
        </Anchor>
        <Text size="xs" c="dimmed" ff="monospace">
          {shortId(hit.commit)}
        </Text>
      </Group>
      <Text size="sm">{hit.summary}</Text>
      <Group gap={4} mt={4}>
        {hit.files.map((file) => (
          <Badge key={file} variant="light" color="gray" size="sm" tt="none" ff="monospace">
            {file}
          </Badge>
        ))}
      </Group>
    </li>
  )
}

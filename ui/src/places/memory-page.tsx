/** What earlier stories and commits left behind: found by words, shown with where it came from, put right by a person. */
import { Button, Group, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import type { MemoryHit } from '@sluice/proto/rest.ts'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { searchMemory } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { MemoryEntry } from './memory/memory-entry.tsx'
import { MemoryStanding } from './memory/memory-standing.tsx'
import './memory/memory.css'

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
        What shipped, and what the base branch's history tells. What fits a new story is given to the agents that work
        on it, and stands in their runs. What you edit, pin or forget here holds from the next run on.
      </Text>
      <MemoryStanding />
      <search>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            setParams(text.trim() ? { q: text.trim() } : {})
          }}
        >
          <Group align="end" gap="xs">
            <TextInput
              label="Search earlier work"
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
      <Hits key={asked} text={asked} />
    </Stack>
  )
}

function Hits({ text }: { text: string }) {
  const { data, error, loading, again } = useRemote(text, () => searchMemory(text))
  // What was forgotten stays in its place until the page is left, so that it can be had back.
  const [kept, setKept] = useState<readonly MemoryHit[]>([])
  if (error && !data) return <Trouble error={error} />
  if (loading && !data) return <Skeleton height={120} />
  const hits = inPlace(data ?? [], kept)
  if (hits.length === 0)
    return <Text c="dimmed">{text ? 'Nothing that was done before speaks of that.' : NOTHING_YET}</Text>
  return (
    <Stack gap="sm" component="section" aria-label={text ? 'Found' : 'Newest'}>
      <Title order={2} size="h5">
        {text ? 'Found' : 'Pinned and newest'}
      </Title>
      <Stack gap="sm" component="ul" className="plain">
        {hits.map((hit) => (
          <MemoryEntry
            key={hit.entry}
            hit={hit}
            onSaid={() => {
              setKept(hits)
              again()
            }}
          />
        ))}
      </Stack>
    </Stack>
  )
}

/** The order of before, with what is told of each now. */
function inPlace(now: readonly MemoryHit[], kept: readonly MemoryHit[]): readonly MemoryHit[] {
  if (kept.length === 0) return now
  const fresh = new Map(now.map((hit) => [hit.entry, hit]))
  const known = new Set(kept.map(({ entry }) => entry))
  return [...kept.map((hit) => fresh.get(hit.entry) ?? hit), ...now.filter(({ entry }) => !known.has(entry))]
}

const NOTHING_YET = 'Memory is empty. It fills with the history of the base branch, and with every story that ships.'

/** Two stories side by side: what both became, what it took, what differs, and which one is kept. */
import { Anchor, Button, Group, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { familyOf } from '@sluice/proto/family.ts'
import type { Compared, Comparison } from '@sluice/proto/rest.ts'
import { Link } from 'wouter'
import { artifactUrl, getComparison, keepStory } from '../api.ts'
import { useCards } from '../live/hooks.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { short, shortId, tokensOf, usd } from '../parts/words.ts'
import { PatchFiles } from './patch-files.tsx'

export default function ComparePage({ one, other }: { one: string; other: string }) {
  const cards = useCards()
  const version = Math.max(0, ...[one, other].map((id) => cards?.get(id)?.sequence ?? 0))
  const { data, error } = useRemote(`${one} ${other}`, () => getComparison(one, other), { version })
  if (error) return <Trouble error={error} />
  if (!data) return <Skeleton height={320} aria-label="Loading" />
  return (
    <Stack gap="lg" maw={1240} mx="auto">
      <Title order={1} size="h2">
        Side by side
      </Title>
      <Facts of={data} />
      <Pictures of={data} />
      <Stack gap="xs" component="section" aria-labelledby="differs">
        <Title order={2} size="h4" id="differs">
          What differs, from the first to the second
        </Title>
        <PatchFiles patch={data.patch} empty="Nothing but their own documents." />
      </Stack>
    </Stack>
  )
}

const facts: readonly [string, (side: Compared) => string][] = [
  ['Stage', ({ stage }) => stage],
  ['Works with', ({ chosen, occupants }) => chosen || occupants.implementer || 'as configured'],
  ['Commit', ({ commit }) => shortId(commit)],
  ['Changed', ({ files, additions, deletions }) => `${files} files, +${additions} −${deletions}`],
  ['Cost', ({ usage }) => `${usd(usage.costUsd)}, ${short(tokensOf(usage))} tokens`],
  ['Turns', ({ turns }) => String(turns)],
  ['Rounds', ({ rounds }) => String(rounds)],
  ['Findings', ({ findings }) => findingsText(findings)],
  ['Checks', ({ checks }) => checks.map((c) => `${c.name} ${c.passed ? 'passed' : 'failed'}`).join(', ') || 'not run'],
  ['Time', ({ seconds }) => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`)],
]

const findingsText = (findings: Compared['findings']): string =>
  Object.entries(findings)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`)
    .join(', ') || 'none'

function Facts({ of: { one, other } }: { of: Comparison }) {
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            {[one, other].map((side) => (
              <Table.Th key={side.id} scope="col">
                <Anchor component={Link} href={`/stories/${side.id}`}>
                  {side.title}
                </Anchor>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {facts.map(([name, fact]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td className="numbers">{fact(one)}</Table.Td>
              <Table.Td className="numbers">{fact(other)}</Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td />
            {[one, other].map((side) => (
              <Table.Td key={side.id}>
                <Keep side={side} />
              </Table.Td>
            ))}
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Keep({ side: { id, title } }: { side: Compared }) {
  const cards = useCards()
  const keep = useCommand((key) => keepStory(id, {}, key))
  const family = cards ? familyOf([...cards.values()], id) : []
  const running = family.filter((card) => card.id !== id && card.status === 'running').length
  if (running === 0 || cards?.get(id)?.status === 'cancelled') return null
  return (
    <Stack gap={4}>
      <Group>
        <Button size="xs" loading={keep.busy} onClick={() => void keep.send()} aria-label={`Keep ${title}`}>
          Keep this one
        </Button>
      </Group>
      <Text size="xs" c="dimmed">
        {running === 1 ? 'The other one is cancelled' : `The ${running} others are cancelled`}; branches and worktrees
        stay.
      </Text>
      {keep.error ? <Trouble error={keep.error} /> : null}
    </Stack>
  )
}

/** What each was to look like: the same pictures where the design was inherited. */
function Pictures({ of: { one, other } }: { of: Comparison }) {
  if (one.pictures.length + other.pictures.length === 0) return null
  return (
    <Stack gap="xs" component="section" aria-labelledby="pictures">
      <Title order={2} size="h4" id="pictures">
        Designs
      </Title>
      <div className="side-by-side">
        {[one, other].map((side) => (
          <div key={side.id} className="pictures">
            {side.pictures.map(({ artifact, state, viewport, width, height }) => (
              <figure key={`${state} ${viewport}`}>
                <img
                  src={artifactUrl(artifact.sha256, 'image/png')}
                  alt={`${side.title}, ${state}, ${viewport}`}
                  width={width}
                  height={height}
                  loading="lazy"
                />
                <figcaption>
                  {state} · {viewport}
                </figcaption>
              </figure>
            ))}
          </div>
        ))}
      </div>
    </Stack>
  )
}

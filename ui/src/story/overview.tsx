/** What was asked for, what was made of it, and what was decided since. */
import { Badge, Group, List, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import type { Requirements } from '@sluice/proto/parts.ts'
import type { Story } from '@sluice/proto/story.ts'
import { ArtifactLink } from '../parts/document.tsx'
import { At } from '../parts/time.tsx'
import { short, shortId, tokensOf, usd } from '../parts/words.ts'

export function Overview({ story }: { story: Story }) {
  const { scope } = story.steps
  const result = scope.at === 'done' ? scope.result : story.drafts.scope
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" className="split">
      <Stack gap="lg">
        <Part title="Request">
          <Text className="asked">{story.submitted.text}</Text>
        </Part>
        {result && <Scope requirements={result.requirements} sentBack={scope.at !== 'done'} />}
        {result && <ArtifactLink artifact={result.document} />}
        {!result && <Text c="dimmed">The analyst has not handed in requirements yet.</Text>}
      </Stack>
      <Stack gap="lg">
        <Decided story={story} />
        <Answers story={story} />
        <Feedback story={story} />
        <Spent story={story} />
        <Ground story={story} />
      </Stack>
    </SimpleGrid>
  )
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  )
}

function Scope({ requirements, sentBack }: { requirements: Requirements; sentBack: boolean }) {
  const { userStories, criteria, outOfScope, assumptions, contradictions } = requirements
  return (
    <>
      <Part title="Requirements">
        {sentBack && <Badge color="orange.9">Sent back: a new version is on its way</Badge>}
        <Items of={userStories} />
      </Part>
      <Part title="Acceptance criteria">
        <ol className="criteria">
          {criteria.map(({ id, text }) => (
            <li key={id} id={id}>
              <b>{id}</b>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </Part>
      {contradictions.length > 0 && (
        <Part title="Contradictions">
          <Items of={contradictions.map((c) => `${c.criteria.join(', ')}: ${c.problem}`)} />
        </Part>
      )}
      {outOfScope.length > 0 && (
        <Part title="Out of scope">
          <Items of={outOfScope} />
        </Part>
      )}
      {assumptions.length > 0 && (
        <Part title="Assumptions">
          <Items of={assumptions} />
        </Part>
      )}
    </>
  )
}

function Items({ of }: { of: readonly string[] }) {
  return (
    <List size="sm" spacing={4}>
      {of.map((text) => (
        <List.Item key={text}>{text}</List.Item>
      ))}
    </List>
  )
}

function Decided({ story }: { story: Story }) {
  const approvals = Object.entries(story.approvals)
  if (approvals.length === 0) return null
  return (
    <Part title="Approved">
      {approvals.map(([gate, { digest, by, at }]) => (
        <Group key={gate} gap="xs">
          <Text size="sm" fw={600} tt="capitalize">
            {gate}
          </Text>
          <Text size="sm">
            by {by}, <At at={at} />
          </Text>
          <Text size="xs" c="dimmed" ff="monospace">
            {shortId(digest)}
          </Text>
        </Group>
      ))}
    </Part>
  )
}

function Answers({ story }: { story: Story }) {
  if (story.answers.length === 0) return null
  return (
    <Part title="Questions and answers">
      {story.answers.map((a) => (
        <div key={`${a.id} ${a.text}`}>
          <Text size="sm" c="dimmed">
            {a.text}
          </Text>
          <Text size="sm">{a.answer}</Text>
        </div>
      ))}
    </Part>
  )
}

function Feedback({ story }: { story: Story }) {
  const all = Object.entries(story.feedback).flatMap(([step, list]) => (list ?? []).map((f) => ({ step, ...f })))
  if (all.length === 0) return null
  return (
    <Part title="Sent back with">
      {all.map((f) => (
        <div key={f.cause}>
          <Text size="xs" c="dimmed">
            {f.step}, <At at={f.at} />
          </Text>
          <Text size="sm" className="asked">
            {f.comment}
          </Text>
        </div>
      ))}
    </Part>
  )
}

function Spent({ story }: { story: Story }) {
  const by = Object.entries(story.usageBy).toSorted(([, a], [, b]) => b.costUsd - a.costUsd)
  if (by.length === 0) return null
  return (
    <Part title="Spent">
      <Table verticalSpacing={2} withRowBorders={false}>
        <Table.Tbody>
          {by.map(([who, usage]) => (
            <Table.Tr key={who}>
              <Table.Td>{who}</Table.Td>
              <Table.Td ta="right" className="numbers">
                {short(tokensOf(usage))} tokens
              </Table.Td>
              <Table.Td ta="right" className="numbers">
                {usd(usage.costUsd)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  )
}

/** What it stands on, and what judges it: both read from the base commit when the story was submitted. */
function Ground({ story }: { story: Story }) {
  const { repository, config } = story.submitted
  return (
    <Part title="Ground">
      <Text size="sm">
        {repository.base} at <span className="mono">{shortId(repository.commit)}</span> in{' '}
        <span className="mono">{repository.root}</span>
      </Text>
      {config.checks.length === 0 ? (
        <Text size="sm" c="orange">
          No checks were found in the project: nothing but the reviewers judges this story.
        </Text>
      ) : (
        config.checks.map(({ name, command }) => (
          <Text size="sm" key={name}>
            {name}: <span className="mono">{command}</span>
          </Text>
        ))
      )}
    </Part>
  )
}

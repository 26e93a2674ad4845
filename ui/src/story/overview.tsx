/** What was asked for, what was made of it, and what was decided since. */
import { Group, SimpleGrid, Stack, Text } from '@mantine/core'
import type { Story } from '@sluice/proto/story.ts'
import { ArtifactLink } from '../parts/document.tsx'
import { Prose } from '../parts/prose.tsx'
import { At } from '../parts/time.tsx'
import { shortId } from '../parts/words.ts'
import { Part, RequirementsView } from './requirements-view.tsx'
import { Request, Spent } from './summary.tsx'

export function Overview({ story }: { story: Story }) {
  const { scope } = story.steps
  const result = scope.at === 'done' ? scope.result : story.drafts.scope
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" className="split">
      <Stack gap="lg">
        <Request story={story} />
        {result && <RequirementsView requirements={result.requirements} sentBack={scope.at !== 'done'} />}
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
            <Prose text={a.text} />
          </Text>
          <Text size="sm" className="asked">
            <Prose text={a.answer} />
          </Text>
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
            <Prose text={f.comment} />
          </Text>
        </div>
      ))}
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
        <Text size="sm" style={{ color: 'var(--needs)' }}>
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

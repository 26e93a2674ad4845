/** The plan: the architect's document and the tasks in their order. */
import { Badge, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import type { Task } from '@sluice/proto/parts.ts'
import type { Story } from '@sluice/proto/story.ts'
import { ArtifactLink, Document } from '../parts/document.tsx'
import { Prose } from '../parts/prose.tsx'

export function Plan({ story }: { story: Story }) {
  const { architecture } = story.steps
  const result = architecture.at === 'done' ? architecture.result : story.drafts.architecture
  if (!result) return <Text c="dimmed">The architect has not handed in a plan yet.</Text>
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" className="split">
      <Stack gap="xs" component="section" aria-label="Architecture">
        {architecture.at !== 'done' && <Badge color="attention">Sent back: a new version is on its way</Badge>}
        <Document artifact={result.document} />
      </Stack>
      <Stack gap="sm" component="section" aria-labelledby="tasks">
        <Title order={2} size="h5" id="tasks">
          Tasks
        </Title>
        <ol className="plain stack">
          {result.tasks.map((task) => (
            <TaskView key={task.id} task={task} />
          ))}
        </ol>
        <ArtifactLink artifact={result.tasksDocument} />
      </Stack>
    </SimpleGrid>
  )
}

function TaskView({ task: { id, title, detail, dependsOn, criteria } }: { task: Task }) {
  return (
    <li className="panel">
      <Text fw={600} size="sm">
        {id} {title}
      </Text>
      {detail && (
        <Text size="sm" className="asked">
          <Prose text={detail} />
        </Text>
      )}
      <Group gap={4} mt={4}>
        {criteria.map((criterion) => (
          <Badge key={criterion} size="sm" variant="light">
            {criterion}
          </Badge>
        ))}
        {dependsOn.length > 0 && (
          <Text size="xs" c="dimmed">
            after {dependsOn.join(', ')}
          </Text>
        )}
      </Group>
    </li>
  )
}

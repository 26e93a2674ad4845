/** What the analyst made of the request: stories, criteria, and what was left out. */
import { Badge, List, Stack, Title } from '@mantine/core'
import type { Requirements } from '@sluice/proto/parts.ts'
import { Prose } from '../parts/prose.tsx'

export function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  )
}

export function RequirementsView({ requirements, sentBack }: { requirements: Requirements; sentBack: boolean }) {
  const { userStories, criteria, outOfScope, assumptions, contradictions } = requirements
  return (
    <>
      <Part title="Requirements">
        {sentBack && <Badge color="attention">Sent back: a new version is on its way</Badge>}
        <Items of={userStories} />
      </Part>
      <Part title="Acceptance criteria">
        <ol className="criteria">
          {criteria.map(({ id, text }) => (
            <li key={id} id={id}>
              <b>{id}</b>
              <span>
                <Prose text={text} />
              </span>
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
        <List.Item key={text}>
          <Prose text={text} />
        </List.Item>
      ))}
    </List>
  )
}

/** One verdict: who sat in the seat, what they found, what became of earlier findings, how the checks ended. */
import { Badge, Group, Stack, Table, Text } from '@mantine/core'
import type { CheckRun } from '@sluice/proto/parts.ts'
import type { Story, Verdict } from '@sluice/proto/story.ts'
import { ArtifactLink } from '../parts/document.tsx'
import { Prose } from '../parts/prose.tsx'
import { duration, occupantText, shortId } from '../parts/words.ts'
import { FindingView } from './finding-view.tsx'
import { bySeverity } from './rounds.ts'

export function VerdictView({ verdict, story, titled = false }: { verdict: Verdict; story: Story; titled?: boolean }) {
  const { seat, occupant, summary, findings, earlier, checks, judged } = verdict
  return (
    <Stack gap="sm">
      {titled && (
        <Text fw={600}>
          {seat}: {verdict.verdict === 'approve' ? 'approved' : 'rejected'}
        </Text>
      )}
      <Group gap="xs">
        <Text size="xs" c="dimmed">
          {occupantText(occupant)} · judged <span className="mono">{shortId(judged.commit)}</span>
        </Text>
        {occupant.scripted && (
          <Badge size="xs" color="yellow" autoContrast>
            Scripted
          </Badge>
        )}
      </Group>
      {summary && (
        <Text size="sm" className="asked">
          <Prose text={summary} />
        </Text>
      )}
      {findings.toSorted(bySeverity).map((finding) => (
        <FindingView key={finding.id} finding={finding} story={story} />
      ))}
      {earlier.length > 0 && <Earlier earlier={earlier} story={story} />}
      {checks && checks.length > 0 && <Checks checks={checks} />}
    </Stack>
  )
}

function Earlier({ earlier, story }: { earlier: Verdict['earlier']; story: Story }) {
  const claims = new Map(story.findings.map((f) => [f.id, f.claim]))
  return (
    <ul className="earlier" aria-label="Earlier findings">
      {earlier.map(({ findingId, resolved, note }) => (
        <li key={findingId}>
          <Badge size="sm" variant="light" color={resolved ? 'teal' : 'attention'}>
            {resolved ? 'resolved' : 'not resolved'}
          </Badge>{' '}
          <Prose text={claims.get(findingId) ?? findingId} />
          {note && (
            <Text span size="sm" c="dimmed">
              {' '}
              <Prose text={note} />
            </Text>
          )}
        </li>
      ))}
    </ul>
  )
}

function Checks({ checks }: { checks: readonly CheckRun[] }) {
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Check</Table.Th>
            <Table.Th>Command</Table.Th>
            <Table.Th>Ended</Table.Th>
            <Table.Th ta="right">Took</Table.Th>
            <Table.Th>Log</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {checks.map(({ name, command, exitCode, timedOut, seconds, log }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td className="mono">{command}</Table.Td>
              <Table.Td>
                <Badge size="sm" color={exitCode === 0 ? 'teal.9' : 'red.8'}>
                  {timedOut ? 'timed out' : exitCode === null ? 'killed' : `exit ${exitCode}`}
                </Badge>
              </Table.Td>
              <Table.Td ta="right">{duration(seconds * 1_000)}</Table.Td>
              <Table.Td>
                <ArtifactLink artifact={log} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

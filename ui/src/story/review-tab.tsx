/** The review: every seat, who sits in it, what it says of exactly this commit; earlier rounds below. */
import { Badge, Group, Stack, Table, Text, Title } from '@mantine/core'
import { waitingText } from '@sluice/proto/card.ts'
import type { CheckRun } from '@sluice/proto/parts.ts'
import { isSigned, type Step, type Story, type Verdict } from '@sluice/proto/story.ts'
import { ArtifactLink } from '../parts/document.tsx'
import { duration, occupantText, shortId } from '../parts/words.ts'
import { FindingView } from './finding-view.tsx'
import { bySeverity, type Round } from './rounds.ts'

export function ReviewTab({ rounds, story }: { rounds: readonly Round[]; story: Story }) {
  const seats = [...new Set([...story.policy.seats, ...Object.keys(story.seats)])]
  const earlier = rounds.filter(({ build }) => !story.judged || build.judged.patchId !== story.judged.patchId)
  return (
    <Stack gap="lg">
      <Text size="sm">
        {story.judged ? (
          <>
            {story.landing ? 'The tree that lands' : `Round ${story.round}`}: commit{' '}
            <span className="mono">{shortId(story.judged.commit)}</span>, tree{' '}
            <span className="mono">{shortId(story.judged.tree)}</span>. A verdict holds for this and nothing else.
          </>
        ) : (
          'Nothing is under review now.'
        )}
      </Text>
      {seats.map((seat) => (
        <Seat key={seat} name={seat} step={story.seats[seat] ?? { at: 'idle' }} story={story} />
      ))}
      {earlier.length > 0 && (
        <Stack gap="xs" component="section" aria-labelledby="earlier">
          <Title order={2} size="h4" id="earlier">
            Earlier rounds
          </Title>
          {earlier.toReversed().map((round) => (
            <details key={round.build.judged.commit} className="file">
              <summary>
                Round {round.round}: {summaryOf(round)}
              </summary>
              <Stack gap="md" p="sm">
                {round.verdicts.map((verdict) => (
                  <Said key={verdict.seat} verdict={verdict} story={story} titled />
                ))}
              </Stack>
            </details>
          ))}
        </Stack>
      )}
    </Stack>
  )
}

function summaryOf({ verdicts }: Round): string {
  if (verdicts.length === 0) return 'no verdict'
  return verdicts.map(({ seat, verdict }) => `${seat} ${verdict === 'approve' ? 'approved' : 'rejected'}`).join(', ')
}

function Seat({ name, step, story }: { name: string; step: Step<Verdict>; story: Story }) {
  const [label, color] = standing(name, step, story)
  return (
    <section className="panel" aria-label={`Seat ${name}`}>
      <Group justify="space-between" mb={4}>
        <Title order={2} size="h4">
          {name}
        </Title>
        <Badge color={color}>{label}</Badge>
      </Group>
      {step.at === 'failed' && <Text size="sm">{step.reason}</Text>}
      {step.at === 'paused' && <Text size="sm">{waitingText(step.waiting, name)}</Text>}
      {step.at === 'done' && <Said verdict={step.result} story={story} />}
    </section>
  )
}

function standing(name: string, step: Step<Verdict>, story: Story): [label: string, color: string] {
  if (isSigned(story, name)) return ['Signed', 'teal.9']
  switch (step.at) {
    case 'done':
      return ['Not signed: rejects', 'red.8']
    case 'asked':
      return ['Reviewing', 'blue.8']
    case 'failed':
      return ['Failed', 'red.8']
    case 'paused':
      return ['Waits', 'orange.9']
    default:
      return ['Not asked yet', 'gray.7']
  }
}

function Said({ verdict, story, titled = false }: { verdict: Verdict; story: Story; titled?: boolean }) {
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
          {summary}
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
          <Badge size="sm" variant="light" color={resolved ? 'teal' : 'orange'}>
            {resolved ? 'resolved' : 'not resolved'}
          </Badge>{' '}
          {claims.get(findingId) ?? findingId}
          {note && (
            <Text span size="sm" c="dimmed">
              {' '}
              {note}
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

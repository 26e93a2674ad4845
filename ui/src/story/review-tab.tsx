/** The review: every seat, who sits in it, what it says of exactly this commit; earlier rounds below. */
import { Badge, Group, Stack, Text, Title } from '@mantine/core'
import { waitingText } from '@sluice/proto/card.ts'
import type { Step, Story, Verdict } from '@sluice/proto/story.ts'
import { shortId } from '../parts/words.ts'
import type { Round } from './rounds.ts'
import { standingOfSeat } from './seat-standing.ts'
import { VerdictView } from './verdict-view.tsx'

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
            <details key={round.build.request} className="file">
              <summary>
                Round {round.round}: {summaryOf(round)}
              </summary>
              <Stack gap="md" p="sm">
                {round.verdicts.map((verdict) => (
                  <VerdictView key={verdict.seat} verdict={verdict} story={story} titled />
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
  const [label, color] = standingOfSeat(name, step, story)
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
      {step.at === 'done' && <VerdictView verdict={step.result} story={story} />}
    </section>
  )
}

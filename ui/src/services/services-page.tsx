/** Who runs, how busy they are and how many of them; who reviews; and the messages nobody could read. */
import { Skeleton, Stack, Text, Title } from '@mantine/core'
import { getParked, getReviewers, getServices, getSession, Refused } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { AddReviewer } from './add-reviewer.tsx'
import { DiskPanel } from './disk.tsx'
import { EnginesPart } from './engines.tsx'
import { ParkedMessage } from './parked-message.tsx'
import { Reviewers } from './reviewers.tsx'
import { ServiceTable } from './service-table.tsx'
import './services.css'

const EVERY_MS = 3_000

export default function ServicesPage() {
  const services = useRemote('services', getServices, { everyMs: EVERY_MS })
  const reviewers = useRemote('reviewers', getReviewers, { everyMs: EVERY_MS })
  const session = useRemote('session', getSession)
  const parked = useRemote('parked', getParked, { everyMs: EVERY_MS })
  return (
    <Stack gap="xl">
      <Stack gap="xs" component="section" aria-labelledby="services">
        <Title order={1} size="h3" id="services">
          Services
        </Title>
        {services.error ? <Trouble error={services.error} /> : null}
        {services.data ? (
          <ServiceTable services={services.data} stale={Boolean(services.error)} again={services.again} />
        ) : (
          services.loading && <Skeleton height={200} />
        )}
        {session.data && (
          <Text size="sm">Jail of agents: {session.data.jail.held ?? `none. ${session.data.jail.problem ?? ''}`}</Text>
        )}
      </Stack>
      <Stack gap="xs" component="section" aria-labelledby="reviewers">
        <Title order={2} size="h4" id="reviewers">
          Reviewers
        </Title>
        <Text size="sm" className="measure">
          A seat is a place in the review; who sits there can be swapped while reviews are under way. New stories need
          the verdict of every seat.
        </Text>
        {reviewers.error ? <NoSeats error={reviewers.error} /> : null}
        {reviewers.data ? (
          <Reviewers seats={reviewers.data} again={reviewers.again} />
        ) : (
          reviewers.loading && <Skeleton height={120} />
        )}
        {reviewers.data && <AddReviewer seats={reviewers.data} onAdded={reviewers.again} />}
      </Stack>
      <EnginesPart />
      <Stack gap="xs" component="section" aria-labelledby="parked">
        <Title order={2} size="h4" id="parked">
          Parked messages
        </Title>
        {parked.error ? <Trouble error={parked.error} /> : null}
        {parked.data?.length === 0 && (
          <Text size="sm" c="dimmed">
            None: every message could be read.
          </Text>
        )}
        {parked.data?.map((message) => (
          <ParkedMessage key={message.sequence} message={message} onSent={parked.again} />
        ))}
      </Stack>
      <Stack gap="xs" component="section" aria-labelledby="disk">
        <Title order={2} size="h4" id="disk">
          Disk
        </Title>
        <Text size="sm" className="measure">
          Worktrees of ended stories go by themselves once all of them is kept. What else could go, and why nothing is
          lost with it, is here; <code>sluice gc</code> says the same.
        </Text>
        <DiskPanel />
      </Stack>
    </Stack>
  )
}

function NoSeats({ error }: { error: unknown }) {
  if (!(error instanceof Refused) || error.status !== 404)
    return <Trouble error={error} title="The seats cannot be read" />
  return (
    <Text size="sm" c="dimmed">
      This Sluice does not say who reviews: it answers 404 to /api/reviewers. Its seats work as they were set up.
    </Text>
  )
}

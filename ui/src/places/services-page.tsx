/** Who runs, how busy they are, and the messages nobody could read. */
import { Badge, Button, Group, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import type { ParkedView, ServiceView } from '@sluice/proto/rest.ts'
import { Link } from 'wouter'
import { getParked, getServices, resendParked } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { At } from '../parts/time.tsx'

const EVERY_MS = 3_000

export default function ServicesPage() {
  const services = useRemote('services', getServices, { everyMs: EVERY_MS })
  const parked = useRemote('parked', getParked, { everyMs: EVERY_MS })
  return (
    <Stack gap="lg">
      <Stack gap="xs" component="section" aria-labelledby="services">
        <Title order={1} size="h3" id="services">
          Services
        </Title>
        {services.error ? <Trouble error={services.error} /> : null}
        {services.data ? (
          <Services services={services.data} stale={Boolean(services.error)} />
        ) : (
          services.loading && <Skeleton height={200} />
        )}
      </Stack>
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
          <Parked key={message.sequence} message={message} onSent={parked.again} />
        ))}
      </Stack>
    </Stack>
  )
}

const colours = { running: 'teal', starting: 'blue', stopped: 'red' } as const

function Services({ services, stale }: { services: readonly ServiceView[]; stale: boolean }) {
  if (services.length === 0) return <Text c="dimmed">No service has said that it runs.</Text>
  return (
    <Table.ScrollContainer minWidth={640} data-stale={stale || undefined}>
      <Table striped verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Service</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th ta="right">In hand</Table.Th>
            <Table.Th ta="right">Waiting</Table.Th>
            <Table.Th ta="right">Restarts</Table.Th>
            <Table.Th ta="right">Process</Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th>Last error</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {services.map((s) => (
            <Table.Tr key={`${s.name} ${s.replica}`}>
              <Table.Th scope="row">
                {s.name}{' '}
                <Text span size="xs" c="dimmed">
                  {s.replica}
                </Text>
              </Table.Th>
              <Table.Td>
                <Badge size="sm" variant="light" color={colours[s.state]}>
                  {s.state}
                </Badge>
              </Table.Td>
              <Table.Td ta="right">{s.busy}</Table.Td>
              <Table.Td ta="right">{s.pending ?? '–'}</Table.Td>
              <Table.Td ta="right">{s.restarts}</Table.Td>
              <Table.Td ta="right">{s.pid ?? '–'}</Table.Td>
              <Table.Td>{s.version}</Table.Td>
              <Table.Td>
                <Text size="xs" c={s.lastError ? 'red' : 'dimmed'} maw={360}>
                  {s.lastError ?? 'none'}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Parked({ message, onSent }: { message: ParkedView; onSent: () => void }) {
  const resend = useCommand((key) => resendParked(message.sequence, key).then(onSent))
  return (
    <Stack gap={4} className="panel">
      <Group justify="space-between">
        <Text size="sm" ff="monospace">
          {message.subject}
        </Text>
        <Button size="xs" variant="default" loading={resend.busy} onClick={() => void resend.send()}>
          Send again
        </Button>
      </Group>
      <Text size="sm">{message.reason}</Text>
      <Text size="xs" c="dimmed">
        Number {message.sequence}, <At at={message.at} />, of{' '}
        <Link href={`/stories/${message.storyId}`}>its story</Link>
      </Text>
      {resend.error ? <Trouble error={resend.error} /> : null}
    </Stack>
  )
}

/** Every service with its replicas: alive, how busy, what waits, what went wrong last. */
import { Badge, Table, Text } from '@mantine/core'
import type { ServiceView } from '@sluice/proto/rest.ts'
import { type Group, grouped } from './grouped.ts'
import { ScaleControl } from './scale-control.tsx'

type Tabled = { services: readonly ServiceView[]; stale: boolean; again(): void }

export function ServiceTable({ services, stale, again }: Tabled) {
  if (services.length === 0) return <Text c="dimmed">No service has said that it runs.</Text>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways can be scrolled by keys.
    <section className="scroll-x" aria-label="Services and replicas" tabIndex={0} data-stale={stale || undefined}>
      <Table verticalSpacing={6} className="services">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Service</Table.Th>
            <Table.Th>Replicas</Table.Th>
            <Table.Th ta="right">In hand</Table.Th>
            <Table.Th ta="right">Waiting</Table.Th>
            <Table.Th ta="right">Restarts</Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th>Last error</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {grouped(services).map((group) => (
            <Row key={group.name} group={group} again={again} />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

function Row({ group, again }: { group: Group; again(): void }) {
  const { name, replicas, pending, busy, restarts, canScale } = group
  const versions = [...new Set(replicas.map(({ version }) => version))]
  const errors = replicas.filter(({ lastError }) => lastError)
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td>
        <div className="replicas">
          {replicas.map((replica) => (
            <Replica key={replica.replica} replica={replica} />
          ))}
          {canScale && <ScaleControl name={name} replicas={replicas.length} onScaled={again} />}
        </div>
      </Table.Td>
      <Table.Td ta="right">{busy}</Table.Td>
      <Table.Td ta="right">{pending ?? '–'}</Table.Td>
      <Table.Td ta="right">{restarts}</Table.Td>
      <Table.Td>{versions.join(', ')}</Table.Td>
      <Table.Td maw={360}>
        {errors.length === 0 && (
          <Text size="xs" c="dimmed">
            none
          </Text>
        )}
        {errors.map(({ replica, lastError }) => (
          <Text size="xs" key={replica} className="last-error">
            {replicas.length > 1 && <b>{replica}: </b>}
            {lastError}
          </Text>
        ))}
      </Table.Td>
    </Table.Tr>
  )
}

const colours = { running: 'teal.9', starting: 'blue.8', stopped: 'red.8' } as const

function Replica({ replica: { replica, state, pid, busy } }: { replica: ServiceView }) {
  return (
    <Badge size="sm" color={colours[state]} tt="none" title={pid === null ? 'no process' : `process ${pid}`}>
      {replica} {state}
      {busy > 0 && `, ${busy} in hand`}
    </Badge>
  )
}

/** Which engines work on this machine and why not, and what each role works with. */
import { Badge, Group, Stack, Table, Text, Title } from '@mantine/core'
import { getEngines } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'

export function EnginesPart() {
  const { data, error, loading } = useRemote('engines', getEngines)
  return (
    <Stack gap="xs" component="section" aria-labelledby="engines">
      <Title order={2} size="h4" id="engines">
        Engines
      </Title>
      {error ? <Trouble error={error} /> : null}
      {loading && (
        <Text size="sm" c="dimmed">
          Looking at each …
        </Text>
      )}
      {data?.engines.map(({ name, works, says, mend }) => (
        <Group key={name} gap="xs" align="start" wrap="nowrap">
          <Badge color={works ? 'teal.9' : 'attention'} size="sm" miw={70}>
            {works ? 'works' : 'does not'}
          </Badge>
          <div>
            <Text size="sm">
              <b>{name}</b> {says}
            </Text>
            {mend && <Text size="sm">{mend}</Text>}
          </div>
        </Group>
      ))}
      {data && (
        <Table maw={640} aria-label="What each role works with">
          <Table.Tbody>
            {Object.entries(data.roles).map(([role, { engine, model, effort }]) => (
              <Table.Tr key={role}>
                <Table.Th scope="row">{role}</Table.Th>
                <Table.Td>{engine}</Table.Td>
                <Table.Td>{model}</Table.Td>
                <Table.Td>{effort ?? ''}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  )
}

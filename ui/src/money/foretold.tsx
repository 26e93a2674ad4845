/** What a story of this project is likely to cost, by stage; or why nothing can be said. */
import { Table, Text, Title } from '@mantine/core'
import type { Forecast } from '@sluice/proto/rest.ts'
import { count, usd } from '../parts/words.ts'
import { tooFewText } from './forecast-text.ts'

export function Foretold({ forecast }: { forecast: Forecast }) {
  const { total, stages, stories } = forecast
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways can be scrolled by keys.
    <section aria-labelledby="foretold" className="money-part" tabIndex={0}>
      <Title order={2} size="h5" id="foretold" mb={4}>
        What a story costs here
      </Title>
      {total ? (
        <Table verticalSpacing={4} maw={520}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Stage</Table.Th>
              <Table.Th ta="right">Half cost up to</Table.Th>
              <Table.Th ta="right">Nine of ten up to</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {[...stages, { stage: `all, of ${count(stories, 'story', 'stories')}`, ...total }].map((row) => (
              <Table.Tr key={row.stage}>
                <Table.Th scope="row">{row.stage}</Table.Th>
                <Table.Td ta="right" className="numbers">
                  {usd(row.median)}
                </Table.Td>
                <Table.Td ta="right" className="numbers">
                  {usd(row.most)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : (
        <Text size="sm" c="dimmed">
          {tooFewText(forecast)}
        </Text>
      )}
    </section>
  )
}

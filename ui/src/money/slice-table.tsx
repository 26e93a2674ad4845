/** One way to add the money up: a row a name, what costs most first. */
import { Table, Title } from '@mantine/core'
import type { Slice } from '@sluice/proto/rest.ts'
import { useId } from 'react'
import { short, tokensOf, usd } from '../parts/words.ts'
import { cacheShare, percent } from './shares.ts'

type Tabled = { title: string; of: string; slices: readonly Slice[]; total: Slice }

export function SliceTable({ title, of, slices, total }: Tabled) {
  const id = useId()
  const most = Math.max(total.usage.costUsd, Number.EPSILON)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways can be scrolled by keys.
    <section aria-labelledby={id} className="money-part" tabIndex={0}>
      <Title order={2} size="h5" id={id} mb={4}>
        {title}
      </Title>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{of}</Table.Th>
            <Table.Th ta="right">Cost</Table.Th>
            <Table.Th ta="right">Calls</Table.Th>
            <Table.Th ta="right">Tokens</Table.Th>
            <Table.Th ta="right">Cached</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {slices.map(({ name, usage, calls, unpriced }) => (
            <Table.Tr key={name}>
              <Table.Th
                scope="row"
                className="share"
                style={{ '--part': `${(usage.costUsd / most) * 100}%` } as React.CSSProperties}
              >
                {name}
              </Table.Th>
              <Table.Td ta="right" className="numbers">
                {unpriced === calls ? 'no price' : usd(usage.costUsd)}
              </Table.Td>
              <Table.Td ta="right" className="numbers">
                {calls}
              </Table.Td>
              <Table.Td ta="right" className="numbers">
                {short(tokensOf(usage))}
              </Table.Td>
              <Table.Td ta="right" className="numbers">
                {percent(cacheShare(usage))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

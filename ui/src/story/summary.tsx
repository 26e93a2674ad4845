/** A story in short: what was asked for, and what it has cost. */
import { Table, Text } from '@mantine/core'
import type { Story } from '@sluice/proto/story.ts'
import { Attachments } from '../hand/attachments.tsx'
import { Prose } from '../parts/prose.tsx'
import { short, tokensOf, usd } from '../parts/words.ts'
import { Part } from './requirements-view.tsx'

export function Request({ story }: { story: Story }) {
  return (
    <>
      <Part title="Request">
        <Text className="asked">
          <Prose text={story.submitted.text} />
        </Text>
      </Part>
      <Attachments attachments={story.attachments} />
    </>
  )
}

export function Spent({ story }: { story: Story }) {
  const by = Object.entries(story.usageBy).toSorted(([, a], [, b]) => b.costUsd - a.costUsd)
  if (by.length === 0) return null
  return (
    <Part title="Spent">
      <Table verticalSpacing={2} withRowBorders={false}>
        <Table.Tbody>
          {by.map(([who, usage]) => (
            <Table.Tr key={who}>
              <Table.Td>{who}</Table.Td>
              <Table.Td ta="right" className="numbers">
                {short(tokensOf(usage))} tokens
              </Table.Td>
              <Table.Td ta="right" className="numbers">
                {usd(usage.costUsd)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  )
}

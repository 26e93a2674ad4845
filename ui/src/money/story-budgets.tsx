/** Every story against its hard line: those that run first, the nearest to it on top. */
import { Progress, Text, Title } from '@mantine/core'
import type { Money } from '@sluice/proto/rest.ts'
import { useState } from 'react'
import { Link } from 'wouter'
import { short, tokensOf, usd } from '../parts/words.ts'
import { nearness } from './shares.ts'

type Story = Money['stories'][number]

/** More are shown when asked for. */
const FIRST_SHOWN = 20

export function StoryBudgets({ stories }: { stories: readonly Story[] }) {
  const [all, setAll] = useState(false)
  const part = ({ usage, budgetUsd }: Story) => nearness(usage.costUsd, budgetUsd).part
  const ordered = stories.toSorted(
    (a, b) => Number(b.status === 'running') - Number(a.status === 'running') || part(b) - part(a),
  )
  const shown = all ? ordered : ordered.slice(0, FIRST_SHOWN)
  return (
    <section aria-labelledby="by-story">
      <Title order={2} size="h5" id="by-story" mb={4}>
        By story, against its budget
      </Title>
      <ul className="plain budgets">
        {shown.map((story) => (
          <Row key={story.name} story={story} />
        ))}
      </ul>
      {shown.length < ordered.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {ordered.length}
        </button>
      )}
    </section>
  )
}

function Row({ story: { name, title, status, usage, budgetUsd, calls } }: { story: Story }) {
  const { part, word } = nearness(usage.costUsd, budgetUsd)
  return (
    <li>
      <Link href={`/stories/${name}`}>{title}</Link>
      <Text size="xs" c="dimmed">
        {status} · {calls} calls · {short(tokensOf(usage))} tokens{word && ` · ${word}`}
      </Text>
      <Progress
        size="sm"
        value={Math.min(100, part * 100)}
        color={word ? 'orange' : 'teal'}
        aria-label={`Budget of ${title} spent`}
      />
      <span className="numbers amount">
        {usd(usage.costUsd)} of {usd(budgetUsd)}
      </span>
    </li>
  )
}

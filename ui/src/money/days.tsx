/** What each day cost: a bar a day, its amount beside it. */
import { Title } from '@mantine/core'
import type { Slice } from '@sluice/proto/rest.ts'
import { count, usd } from '../parts/words.ts'

const MOST_DAYS = 30

export function Days({ days }: { days: readonly Slice[] }) {
  const shown = days.slice(0, MOST_DAYS)
  const most = Math.max(...shown.map(({ usage }) => usage.costUsd), Number.EPSILON)
  return (
    <section aria-labelledby="by-day">
      <Title order={2} size="h5" id="by-day" mb={4}>
        By day
      </Title>
      <ol className="plain days">
        {shown.map(({ name, usage, calls }) => (
          <li key={name}>
            <time dateTime={name} className="numbers">
              {name}
            </time>
            <span className="day-bar" style={{ width: `${(usage.costUsd / most) * 100}%` }} aria-hidden="true" />
            <span className="numbers">
              {usd(usage.costUsd)} <span className="quiet">{count(calls, 'call')}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

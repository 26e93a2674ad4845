/** Where the money went: by story against its budget, by stage, role, replica, model and day; what is held, what is likely. */
import { Skeleton, Stack, Text, Title } from '@mantine/core'
import type { Money } from '@sluice/proto/rest.ts'
import { getMoney } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { count, short, tokensOf, usd } from '../parts/words.ts'
import { Days } from './days.tsx'
import { Foretold } from './foretold.tsx'
import { Limits } from './limits.tsx'
import './money.css'
import { cacheShare, percent } from './shares.ts'
import { SliceTable } from './slice-table.tsx'
import { StoryBudgets } from './story-budgets.tsx'

const EVERY_MS = 5_000

export default function MoneyPage() {
  const { data, error, loading } = useRemote('money', getMoney, { everyMs: EVERY_MS })
  return (
    <Stack gap="lg" maw={1180}>
      <Title order={1} size="h3">
        Money
      </Title>
      {error ? <Trouble error={error} /> : null}
      <Limits />
      {data ? <Shown money={data} /> : loading && <Skeleton height={240} />}
    </Stack>
  )
}

function Shown({ money }: { money: Money }) {
  const { scripted, total, stories, roles, models, days } = money
  if (total.calls === 0)
    return (
      <Stack gap="xs" className="panel">
        <Title order={2} size="h4">
          Nothing was spent yet
        </Title>
        <Text size="sm">
          No model has been called. Every call is written down with its tokens as it ends, and stands here a moment
          later.
        </Text>
      </Stack>
    )
  return (
    <>
      {scripted && (
        <Text size="sm" className="panel decision">
          <b>Nobody pays these dollars.</b> A script ({scripted}) answers in place of a model. Its tokens are priced as
          those of the model it stands for.
        </Text>
      )}
      <Totals money={money} />
      <Foretold forecast={money.forecast} />
      <StoryBudgets stories={stories} />
      <div className="money-pair">
        <SliceTable title="By stage" of="Stage" slices={money.stages} total={total} />
        <SliceTable title="By role" of="Role" slices={roles} total={total} />
        <SliceTable title="By replica" of="Replica" slices={money.replicas} total={total} />
        <SliceTable
          title={scripted ? 'By model the script stands for' : 'By model'}
          of="Model"
          slices={models}
          total={total}
        />
      </div>
      <Days days={days} />
      {money.estimated.calls > 0 && (
        <Text size="sm" className="measure">
          {count(money.estimated.calls, 'call was', 'calls were')} cut before the provider had said what{' '}
          {money.estimated.calls === 1 ? 'it' : 'they'} cost: counted as the most it can have been,{' '}
          {usd(money.estimated.usage.costUsd)}.
        </Text>
      )}
      {money.plan.calls > 0 && (
        <Text size="sm" className="measure">
          {count(money.plan.calls, 'call was', 'calls were')} made with your login and paid by its plan:{' '}
          {short(tokensOf(money.plan.usage))} tokens, no dollars.
        </Text>
      )}
      {total.unpriced > 0 && (
        <Text size="sm" className="measure">
          {count(total.unpriced, 'call has', 'calls have')} tokens but no price: their model is in no price table, so
          they count as $0 and the budget does not stop them. Give it a price under <code>prices</code> in your
          config.yaml.
        </Text>
      )}
    </>
  )
}

function Totals({ money: { total } }: { money: Money }) {
  const { usage, calls } = total
  const facts: [string, string][] = [
    [usd(usage.costUsd), 'spent'],
    [String(calls), calls === 1 ? 'model call' : 'model calls'],
    [short(usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens), 'tokens in'],
    [short(usage.outputTokens), 'tokens out'],
    [percent(cacheShare(usage)), 'of what went in was read from the cache'],
  ]
  return (
    <dl className="totals">
      {facts.map(([amount, what]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd className="numbers">{amount}</dd>
        </div>
      ))}
    </dl>
  )
}

/** What the gateway holds and until when, and how full the windows of a plan are. */
import { Progress, Stack, Text } from '@mantine/core'
import type { LimiterView } from '@sluice/proto/rest.ts'
import { getLimits } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'

const EVERY_MS = 3_000

export function Limits() {
  const { data, error } = useRemote('limits', getLimits, { everyMs: EVERY_MS })
  if (error) return <Trouble error={error} />
  return data && <Shown limits={data} />
}

function Shown({ limits: { calls, underWay, waiting, held, windows } }: { limits: LimiterView }) {
  return (
    <Stack gap="xs" component="section" aria-label="Model calls now">
      <Text size="sm">
        Model calls now: <b className="numbers">{underWay}</b> of {calls} under way,{' '}
        <b className="numbers">{waiting}</b> waiting.
      </Text>
      {held.map(({ account, model, until, why }) => (
        <Text size="sm" key={`${account} ${model}`} className="panel decision">
          <b>Held until {timeOf(until)}</b>
          {model && ` for ${model}`}: {why}. They go on by themselves, in turn between stories.
        </Text>
      ))}
      {windows.length > 0 && (
        <ul className="plain budgets">
          {windows.map(({ name, used, resetsAt, status }) => (
            <li key={name}>
              <span>Your plan’s window {name}</span>
              <Text size="xs" c="dimmed">
                {status}
                {resetsAt && ` · drawn anew at ${timeOf(resetsAt)}`}
              </Text>
              <Progress
                size="sm"
                value={Math.min(100, used * 100)}
                color={used >= 0.8 ? 'orange' : 'teal'}
                aria-label={`Window ${name} of the plan used`}
              />
              <span className="numbers amount">{Math.round(used * 100)} %</span>
            </li>
          ))}
        </ul>
      )}
    </Stack>
  )
}

const timeOf = (at: string): string => new Date(at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })

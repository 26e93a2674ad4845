/** What must be true of the logs of many stories, and the numbers that stand in them. */
import { execFileSync } from 'node:child_process'
import type { Event } from '@sluice/proto/events.ts'

type Logs = readonly (readonly Event[])[]

/** Sentences; none when all is as it must be. */
export function faultsOf(logs: Logs, repository: string): string[] {
  const all = logs.flat()
  const verdicts = all.flatMap((event) =>
    event.type === 'review.completed' ? [`${event.storyId} ${event.data.request} ${event.source}`] : [],
  )
  const twice = verdicts.filter((verdict, i) => verdicts.indexOf(verdict) !== i)
  const late = all.filter(({ type }) => type === 'timer.due').length
  const merges = all.filter(({ type }) => type === 'merge.completed').length
  return [
    ...twice.map((verdict) => `Judged twice: ${verdict}.`),
    ...(late > 0 ? [`${late} requests waited for their deadline.`] : []),
    ...(merges === logs.length ? [] : [`${logs.length} stories and ${merges} merges.`]),
    ...checksOn(repository),
  ]
}

/** The tiny repository's own checks, on what main is now. */
function checksOn(repository: string): string[] {
  try {
    execFileSync('sh', ['-c', 'for test in *.test.sh; do sh "$test" || exit 1; done'], { cwd: repository })
    return []
  } catch {
    return ['The tests of main are red.']
  }
}

export function numbersOf(logs: Logs, seconds: number) {
  const all = logs.flat()
  const count = (type: Event['type']) => all.filter((event) => event.type === type).length
  const programs = all.flatMap((event) =>
    event.type === 'review.completed' && event.source === 'security' ? [event.data.occupant.program] : [],
  )
  return {
    stories: logs.length,
    seconds: Math.round(seconds),
    storiesPerMinute: Math.round((logs.length / seconds) * 600) / 10,
    events: all.length,
    builds: count('build.completed'),
    verdicts: count('review.completed'),
    ...Object.fromEntries(
      [...new Set(programs)].map((program) => [`security by ${program}`, programs.filter((p) => p === program).length]),
    ),
  }
}

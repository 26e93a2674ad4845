/** A seat whose reviewer comes from elsewhere, in a whole Sluice: heard over REST, and not waited for when it talks nonsense. */
import { connectBus } from '@sluice/kit/bus.ts'
import { roles } from '@sluice/kit/roles.ts'
import type { Taken } from '@sluice/proto/seat.ts'
import { expect, test } from 'vitest'
import { asking } from '../testing/house.ts'
import { openLine } from '../testing/line.ts'
import { ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const others = roles.map(({ name }) => name).filter((name) => name !== 'security')
const only = ['orchestrator', 'web', 'llm-gateway', 'memory', ...others]

test('nonsense fails the seat at once; asked again, its verdict over REST ships the story and stands in the trailer', {
  timeout: 240_000,
}, async () => {
  const story = storyAbout('foreign words', ownFiles('words'))
  await using line = await openLine({ stories: [story], only })
  const { web, ...credentials } = line.config('security')
  const reviewer = asking({ origin: line.house.origin, token: web?.token ?? '' })
  const id = await line.submit(story)
  const toReview = line.toGate(id, 'review').catch(() => null)
  await line.when(id, ({ seats }) => seats.security?.at === 'asked')
  await using bus = await connectBus(credentials)

  await bus.js.publish(`story.${id}.review.completed.security`, '{"verdict":"approve"}')

  const failed = await line.when(id, ({ seats: { security } }) => security?.at === 'failed' && security)
  expect(failed.reason).toMatch(/^What security answered cannot be read: .* Mend it, then retry/)
  await toReview
  await line.say(id, 'retry')
  const occupant = { program: 'words.sh', version: '7' }
  const said = { verdict: 'approve', summary: 'Fine.', findings: [], occupant }
  await line.when(id, ({ seats }) => seats.security?.at === 'asked')
  const { body: taken } = await reviewer<Taken>('POST', '/api/seats/security/take?wait=30')
  await reviewer('POST', `/api/seats/security/takes/${taken.take}/verdict`, said)
  await line.ship(id)

  expect(line.git('log', '-1', '--format=%B', 'main')).toMatch(/^Reviewed-by: .*security \(words.sh 7\)/m)
})

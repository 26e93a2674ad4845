/** The services of `docker-compose.yml`, each a process as its container would be, carry a story from a sentence to a merged commit. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { expect, test } from 'vitest'
import { openComposed } from './testing/composed.ts'
import { tinyPlace } from './testing/house.ts'
import { followStories } from './testing/line.ts'
import { ownFiles, playing, storyAbout } from './testing/tiny-stories.ts'

test('broker, keep and every service by themselves ship a story', async () => {
  const story = storyAbout('greetings by name', ownFiles('greetings'))
  await using place = await tinyPlace()
  await using api = await startMessagesApi({ model: playing([story]) })
  const env = { ANTHROPIC_API_KEY: 'sk-ant-scripted', ANTHROPIC_BASE_URL: api.url }
  await using composed = await openComposed(place, env)
  for (const name of composed.others)
    await expect.poll(() => composed.log(name), { timeout: 60_000 }).toMatch(/"ready"|"connected"/)
  const token = readFileSync(join(composed.dataDir, 'token'), 'utf8').trim()
  await using told = await followStories(composed.dataDir, { origin: composed.origin, token })

  const page = await fetch(`${composed.origin}/?token=${token}`, { redirect: 'manual' })
  const { status } = await told.ship(await told.submit(story))

  expect(page.status).toBe(302)
  expect(status).toBe('shipped')
  expect(place.git('log', '--format=%H', 'main').split('\n').length).toBeGreaterThan(1)
}, 600_000)

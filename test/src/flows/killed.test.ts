/** `kill -9` of `sluice up` with four agents at work: nothing is left, and the next one brings all four stories to their end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { processesOf } from '@sluice/cli/testing/processes.ts'
import { askedIn } from '@sluice/demo/play/asked.ts'
import { type RecordedRequest, startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { tool, toolResults } from '@sluice/kit/testing/messages-script.ts'
import { expect, test, vi } from 'vitest'
import { tinyPlace } from '../testing/house.ts'
import { followStories } from '../testing/line.ts'
import { runningAs } from '../testing/running.ts'
import { type Instead, ownFiles, type PlayedStory, playing, storyAbout } from '../testing/tiny-stories.ts'

const SLUICE = fileURLToPath(new URL('../../../cli/src/sluice.ts', import.meta.url))
const LONG = '86399.25'

/** For ever the first time, and at once the second; whoever comes while another is at it says so. */
const COMMAND = `exec 9>held; flock -n 9 || echo TWICE; if test -e begun; then rm begun held; else touch begun; sleep ${LONG}; fi`

const worksLong: Instead = (role, { calls }) => {
  const isDone = calls.some(({ name, isError }) => name === 'shell' && !isError)
  if (role !== 'implementer' || isDone) return undefined
  return { content: [tool('shell', { command: COMMAND, timeoutSeconds: 900 })] }
}

const stories = ['one', 'two', 'three', 'four'].map((name) => storyAbout(name, ownFiles(name), { instead: worksLong }))

test('killed, nothing of it runs two seconds later; started again, it goes on where it was', async () => {
  await using place = await tinyPlace()
  await using api = await startMessagesApi({ model: playing(stories) })
  const data = join(place.dataDir, 'work')
  await using up = await startUp(place, api.url)
  const before = await followStories(data, up)
  const ids = await Promise.all(stories.map((story) => before.submit(story, { auto: true })))
  await vi.waitUntil(() => runningAs(`sleep ${LONG}`).length === 4, { timeout: 120_000, interval: 50 })
  await before[Symbol.asyncDispose]()

  up.process.kill('SIGKILL')

  await vi.waitUntil(() => processesOf(data).length + runningAs(`sleep ${LONG}`).length === 0, {
    timeout: 2_000,
    interval: 20,
  })

  await using again = await startUp(place, api.url)
  await using after = await followStories(data, again)
  const shipped = await Promise.all(ids.map(after.shipped))

  const ran = stories.map((story) => resultsOf(api.requests, story))
  expect(shipped.map(({ status }) => status)).toEqual(['shipped', 'shipped', 'shipped', 'shipped'])
  for (const results of ran)
    expect(results).toEqual([expect.stringMatching(/^interrupted/), expect.not.stringContaining('TWICE')])
}, 240_000)

type Up = AsyncDisposable & { process: ChildProcess; origin: string; token: string }

/** Told its address, it is up. */
async function startUp({ dataDir, repository }: { dataDir: string; repository: string }, model: string): Promise<Up> {
  const env = { ...process.env, SLUICE_DATA: dataDir, ANTHROPIC_API_KEY: 'sk-ant-scripted', ANTHROPIC_BASE_URL: model }
  const args = ['up', '--repo', repository, '--implementers', '4', '--no-open']
  const child = spawn(process.execPath, [SLUICE, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const complaints = text(child.stderr)
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = /^ *Page +(\S+)/.exec(line) ?? []
    if (!address) continue
    child.stdout.resume()
    const { origin, searchParams } = new URL(address)
    return { process: child, origin, token: searchParams.get('token') ?? '', [Symbol.asyncDispose]: stop }
  }
  throw new Error(`sluice up ended: ${await complaints}`)
}

/** What came of the command, each answer once, in the order the model was told. */
function resultsOf(requests: readonly RecordedRequest[], story: PlayedStory): unknown[] {
  const mine = requests.filter(({ body }) => askedIn(body, stories)?.story === story)
  const calls = mine.flatMap(({ body }) => toolResults(body))
  const told = calls.filter(({ input }) => (input as { command?: string }).command === COMMAND)
  return [...new Set(told.map(({ result }) => result))]
}

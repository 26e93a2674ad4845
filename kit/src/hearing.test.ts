/** What a person says to a run reaches whoever works on it, is answered only once it was heard, and by nobody where nobody works. */
import { Build, BuildRequested } from '@sluice/proto/events.ts'
import type { Said } from '@sluice/proto/said.ts'
import { expect, onTestFinished, test } from 'vitest'
import { openHearing, sayTo } from './ctl.ts'
import { Refusal } from './errors.ts'
import type { Hear } from './hearing.ts'
import { completed } from './outcome.ts'
import { defineRole } from './role.ts'
import { startBroker } from './testing/broker.ts'

const implementer = defineRole({
  ...{ name: 'implementer', takes: BuildRequested, gives: Build, uses: ['agent'] as const },
  answer: async () => completed({} as never),
})
const run = { storyId: 's1', runId: 'r1' }
const to = { source: 'implementer', ...run }

async function world(hear?: Hear) {
  const broker = await startBroker([implementer])
  onTestFinished(() => broker[Symbol.asyncDispose]())
  const [own, web] = [await broker.connect('implementer'), await broker.connect('web')]
  const hearing = openHearing(own, run)
  const listening = hear && hearing.listen(hear)
  await own.nc.flush()
  /** All that was said has reached who listens. */
  const arrived = async () => {
    await web.nc.flush()
    await own.nc.flush()
  }
  return { say: (said: Said) => sayTo(web, to, said), arrived, listening, hearing }
}

test('what is said is heard in order, each once it is done with', async () => {
  const heard: string[] = []
  const first = Promise.withResolvers<void>()
  const { say, arrived } = await world(async (said) => {
    if (said.do === 'steer' && said.text === 'first') await first.promise
    heard.push(said.do === 'steer' ? said.text : said.do)
  })

  const answers = Promise.all([
    say({ do: 'steer', text: 'first' }),
    say({ do: 'steer', text: 'second' }),
    say({ do: 'interrupt' }),
  ])
  await arrived()
  first.resolve()

  expect(await answers).toEqual([{ heard: true }, { heard: true }, { heard: true }])
  expect(heard).toEqual(['first', 'second', 'interrupt'])
})

test('what an engine cannot do is refused in its own words, and what broke says so', async () => {
  const { say } = await world(async (said) => {
    if (said.do === 'keys') throw new Refusal('This engine has no terminal.', 'Steer it by words.')
    throw new Error('the journal is away')
  })

  expect(await say({ do: 'keys', data: 'x' })).toEqual({ refused: 'This engine has no terminal. Steer it by words.' })
  expect(await say({ do: 'pause' })).toMatchObject({ refused: expect.stringContaining('the journal is away') })
})

test('where no agent is at work a sentence says so, and where nobody runs it there is no answer', async () => {
  const { say, listening, hearing } = await world(async () => undefined)

  listening?.[Symbol.dispose]()
  expect(await say({ do: 'pause' })).toEqual({ refused: 'No agent is at work in this run at the moment.' })

  hearing[Symbol.dispose]()
  expect(await say({ do: 'pause' })).toBeNull()
})

/** The ear of a run before and beside any engine: what it keeps, what it passes on once, and how it parks whom no pause can reach. */
import type { Said } from '@sluice/proto/said.ts'
import { expect, test } from 'vitest'
import { Refusal } from './errors.ts'
import { memoryRun } from './testing/memory-run.ts'
import { voiceAt } from './testing/voice.ts'

const words = (id: string, text = id): Said => ({ do: 'steer', id, text })
const steers = (heard: readonly Said[]) => heard.flatMap((said) => (said.do === 'steer' ? [said.id] : []))

test('what is said before anybody listens is kept, and told to who then does, in order', async () => {
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  await say(words('words-01'))
  await say(words('words-02'))

  const heard: Said[] = []
  await hearing.listen(async (said) => void heard.push(said)).settled()

  expect(steers(heard)).toEqual(['words-01', 'words-02'])
})

test('what an engine has taken is told to no other attempt, and what it refused is', async () => {
  const first = memoryRun()
  const { hearing, say } = await voiceAt(first)
  hearing.listen(async (said) => {
    if (said.do === 'steer' && said.id === 'words-02') throw new Refusal('Not now.', 'Later.')
  })
  await say(words('words-01'))
  await expect(say(words('words-02'))).rejects.toThrow('Not now.')

  const second = memoryRun({ entries: first.log, attempt: 2 })
  const heard: Said[] = []
  await (await voiceAt(second)).hearing.listen(async (said) => void heard.push(said)).settled()

  expect(steers(heard)).toEqual(['words-02'])
})

test('an engine that is not ready is asked again until it is', async () => {
  const run = memoryRun({
    entries: [
      { kind: 'said', attempt: 1, at: '', data: { id: 'words-01', text: 'x', at: '2026-01-01T00:00:00.000Z' } },
    ],
  })
  const { hearing } = await voiceAt(run)
  let tries = 0

  await hearing
    .listen(async () => {
      if (++tries === 1) throw new Refusal('Not running yet.', 'In a moment.')
    })
    .settled()

  expect(tries).toBe(2)
})

test('an engine that knows no pause is parked by ending its attempt; one that does is left to it', async () => {
  const [deaf, able] = [await voiceAt(memoryRun()), await voiceAt(memoryRun())]
  deaf.hearing.listen(async () => {
    throw new Refusal('It cannot be told to pause.', 'Stop it.')
  })
  able.hearing.listen(async () => undefined)

  await deaf.say({ do: 'pause', why: 'taken' })
  await able.say({ do: 'pause', why: 'taken' })

  expect(deaf.parked).toMatchObject([{ waiting: { kind: 'person', why: 'taken' } }])
  expect(able.parked).toEqual([])
})

test('a stop ends what goes on before an agent is at work; a pause waits for it', async () => {
  const [stopped, paused] = [await voiceAt(memoryRun()), await voiceAt(memoryRun())]

  await stopped.say({ do: 'pause', now: true, why: 'stopped' })
  await paused.say({ do: 'pause', why: 'paused' })
  const heard: Said[] = []
  await paused.hearing.listen(async (said) => void heard.push(said)).settled()

  expect(stopped.parked).toHaveLength(1)
  expect([paused.parked, heard]).toEqual([[], [{ do: 'pause', why: 'paused' }]])
})

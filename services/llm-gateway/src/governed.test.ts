/** What a run notices when a line, a limit or a circle is in its way: one code, one sentence, and what would set it going. */
import { expect, test } from 'vitest'
import { gatewayWorld, message, realKey, secrets } from './testing.ts'

type Told = { error: { message: string; details: Record<string, unknown> } }
const told = async (reply: Response): Promise<Told['error']> => ((await reply.json()) as Told).error
const spent = (usd: number, over: object = {}) => [
  { id: 'before', storyId: 's1', role: 'analyst', day: '2026-01-01', cost: { usd, tokens: 0 }, ...over },
]

test('past its soft line a story is asked about, with which line and where; below it goes on', async () => {
  await using world = await gatewayWorld(() => 'Hello.', { spent: spent(4) })

  const stopped = await world.ask(await world.run({ limits: { softUsd: 4 } }))
  const onward = await world.ask(await world.run({ runId: 'run-2', limits: { softUsd: 5 } }))
  await onward.text()

  expect([stopped.status, onward.status]).toEqual([402, 200])
  expect(stopped.headers.get('x-should-retry')).toBe('false')
  expect((await told(stopped)).details).toMatchObject({ line: 'soft', at: 4, spent: 4, spentUsd: 4, budgetUsd: 5 })
})

test('a line of the day says when it is drawn anew, a line of a role whose it is', async () => {
  const today = new Date()
  const day = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, '0')}-${String(today.getDate()).padStart(2, '0')}`
  await using world = await gatewayWorld(() => 'Hello.', { spent: spent(3, { storyId: 'another', day }) })

  const ofDay = await told(await world.ask(await world.run({ limits: { dayUsd: 3 } })))
  const ofRole = await told(await world.ask(await world.run({ runId: 'r2', limits: { roles: { analyst: 0.0001 } } })))

  expect(ofDay.details).toMatchObject({ line: 'day', spent: 3, spentUsd: 0, at: 3 })
  expect(Date.parse(String(ofDay.details.resetsAt))).toBeGreaterThan(Date.now())
  expect(ofRole.details).toMatchObject({ line: 'role', of: 'analyst', at: 0.0001 })
})

test('a call the provider has no room for waits here and goes again, and the caller notices nothing', async () => {
  let refusals = 2
  await using world = await gatewayWorld(() =>
    refusals-- > 0 ? { error: 'overloaded_error', headers: { 'retry-after-ms': '10' } } : 'Hello.',
  )

  const reply = await world.ask(await world.run())

  expect(reply.status).toBe(200)
  await reply.text()
  expect(world.api.requests).toHaveLength(3)
  expect(world.published).toHaveLength(1)
})

test.each([
  ['wait', true],
  ['ask', false],
] as const)('a reset that is far off parks the run: by policy %s it is woken: %s', async (policy, wake) => {
  const refused = { error: 'rate_limit_error' as const, headers: { 'retry-after': '600' } }
  await using world = await gatewayWorld(() => refused, { rateLimit: { policy, seconds: 1 } })
  const [token, other] = [await world.run(), await world.run({ runId: 'r2', storyId: 's2' })]

  const replies = [await world.ask(token), await world.ask(other)]

  for (const reply of replies) {
    expect(reply.status).toBe(429)
    const { details } = await told(reply)
    expect(details).toMatchObject({ error_code: 'rate_limited', policy })
    expect(Date.parse(String(details.resetsAt)) - Date.now()).toBeGreaterThan(500_000)
  }
  // The second was held here: one refusal is enough for all.
  expect(world.api.requests).toHaveLength(1)
  expect(await standing(world, token)).toMatchObject({ refused: { kind: 'limit', wake } })
})

test('what is held, and until when, is told to web alone', async () => {
  const refused = { error: 'rate_limit_error' as const, headers: { 'retry-after': '600' } }
  await using world = await gatewayWorld(() => refused, { rateLimit: { policy: 'wait', seconds: 1 }, calls: 3 })
  await world.ask(await world.run())
  const ask = (secret: string) =>
    fetch(`${world.gateway.url}/limits`, { headers: { authorization: `Bearer ${secret}` } })

  expect((await ask(secrets.analyst)).status).toBe(401)
  expect(await (await ask(secrets.web)).json()).toMatchObject({
    ...{ calls: 3, underWay: 0, waiting: 0 },
    held: [{ account: 'key', model: message.model, why: 'the provider limits the rate' }],
  })
})

test('going round in circles stops a run, and a run that a person sent on goes as far again', async () => {
  await using world = await gatewayWorld(() => 'Hello.', { sameCalls: 3 })
  const looks = (n: number) => ({
    tools: [{ name: 'look', input_schema: { type: 'object' } }],
    messages: [
      message.messages[0],
      ...Array.from({ length: n }, (_, i) => [
        { role: 'assistant', content: [{ type: 'tool_use', id: `toolu_${i}`, name: 'look', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${i}`, content: 'Seen.' }] },
      ]).flat(),
    ],
  })
  const token = await world.run()
  const statuses = async (of: string, counts: number[]) => {
    const found = []
    for (const n of counts) {
      const reply = await world.ask(of, looks(n))
      found.push(reply.status)
      await reply.text()
    }
    return found
  }

  expect(await statuses(token, [1, 2, 3])).toEqual([200, 200, 400])
  expect(await standing(world, token)).toMatchObject({ refused: { kind: 'stuck', times: 3, tool: 'look' } })
  // Asked again by the same run it says the same.
  expect(await statuses(token, [3])).toEqual([400])
  const sentOn = await world.run({ runId: 'run-2', continues: ['run-1'] })
  expect(await statuses(sentOn, [3, 4, 5, 6])).toEqual([200, 200, 200, 400])
  // A new attempt of that run does not begin to count anew.
  expect(await statuses(await world.run({ runId: 'run-2', attempt: 2, continues: ['run-1'] }), [6])).toEqual([400])
})

test('with a login nothing costs dollars, and tokens are counted towards their line', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const ask = async (limits?: object) => {
    const run = await world.run({ login: true, budgetUsd: 0.000001, ...(limits ? { limits } : {}) })
    return world.ask('', {}, { headers: { authorization: `Bearer ${realKey}`, 'x-sluice-run': run } })
  }

  await (await ask()).text()
  const stopped = await ask({ tokens: 1 })

  expect(world.published[0]).toMatchObject({ login: true, usage: { costUsd: 0 } })
  expect(world.published[0]?.usage.outputTokens).toBeGreaterThan(0)
  expect((await told(stopped)).details).toMatchObject({ line: 'tokens', at: 1 })
})

async function standing(world: Awaited<ReturnType<typeof gatewayWorld>>, token: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${secrets.analyst}` }
  return (await fetch(`${world.gateway.url}/runs/${token}`, { headers })).json()
}

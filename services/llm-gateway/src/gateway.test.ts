/** What roles and people notice of the gateway: who gets in, what passes, what it costs, where it stops. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { publicPrices, usageOf, worstCaseUsd } from '@sluice/kit/prices.ts'
import { expect, test } from 'vitest'
import { gatewayWorld, message, realKey, secrets } from './testing.ts'

type Problem = { type: string; error: { type: string; message: string; details?: Record<string, unknown> } }
const problemOf = async (reply: Response): Promise<Problem['error']> => ((await reply.json()) as Problem).error

const opus = publicPrices['claude-opus-5-5'] as (typeof publicPrices)[string]

test('an answer passes byte for byte, is counted, entered and published', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello to you.'] }))
  const token = await world.run()

  const reply = await world.ask(token)
  const bytes = await reply.text()

  const { usage } = world.api.requests[0] ?? {}
  const expected = usageOf(usage ?? {}, opus)
  const [entry] = await world.ledger('s1')
  expect(reply.headers.get('x-sluice-scripted')).toBe('scripted model')
  expect(reply.headers.get('request-id')).toMatch(/^req_/)
  expect(bytes).toContain('event: message_stop')
  expect(entry).toMatchObject({
    door: 'model',
    host: new URL(world.api.url).host,
    storyId: 's1',
    role: 'analyst',
    runId: 'run-1',
    outcome: '200',
  })
  expect(entry?.bytesIn).toBe(Buffer.byteLength(bytes))
  expect(entry?.bytesOut).toBeGreaterThan(50)
  expect(entry?.usage).toEqual(expected)
  expect(world.published).toMatchObject([
    { storyId: 's1', runId: 'run-1', role: 'analyst', model: 'claude-opus-5-5', usage: expected },
  ])
})

test('an answer in one piece is counted too', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello.'] }))

  const reply = await world.ask(await world.run(), { stream: false })
  await reply.json()

  expect(world.published[0]?.usage.outputTokens).toBeGreaterThan(0)
})

test('bytes arrive while the model still speaks', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello.'], stallAfter: 3 }))
  const abort = new AbortController()
  const reply = await world.ask(await world.run(), {}, { signal: abort.signal })

  const first = await reply.body?.getReader().read()

  expect(new TextDecoder().decode(first?.value)).toContain('message_start')
  abort.abort()
})

test('only the real key goes up, and only to the API; tokens, cookies and addresses stay', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const token = await world.run()

  await (
    await world.ask(
      token,
      {},
      { headers: { cookie: 'a=b', 'x-forwarded-for': '10.0.0.1', 'x-api-key': 'mine', 'idempotency-key': 'run-1/0' } },
    )
  ).text()
  await (await world.ask(token, {}, { headers: { 'anthropic-version': '2023-06-01' } })).text()

  const [now, older] = world.api.requests.map((r) => r.headers)
  expect(now).toMatchObject({ authorization: `Bearer ${realKey}`, 'idempotency-key': 'run-1/0@analyst' })
  expect(older).toMatchObject({ 'x-api-key': realKey })
  expect(older?.authorization).toBeUndefined()
  for (const name of ['cookie', 'x-forwarded-for', 'x-api-key', 'proxy-authorization'])
    expect(now?.[name]).toBeUndefined()
  expect(JSON.stringify(world.api.requests)).not.toContain(token)
})

test('the key stands in no error, no log and no ledger', async () => {
  await using world = await gatewayWorld(() => ({ error: 'api_error' }), {
    publishUsage: () => Promise.reject(new Error(realKey)),
  })
  const token = await world.run()

  const said = [await (await world.ask(token)).text(), await (await world.ask(token, { model: 'x' })).text()]
  await world.api.close()
  said.push(await (await world.ask(token)).text())

  expect(said.join() + world.logged() + (await world.written())).not.toContain(realKey)
})

test('nobody gets in without a token of a run that is open', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const first = await world.run()
  const second = await world.run({ attempt: 2 })
  const late = await world.run({ attempt: 1 })
  await fetch(`${world.gateway.url}/runs/${second}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${secrets.analyst}` },
  })

  for (const token of [first, second, 'slc_nothing', secrets.analyst]) {
    const reply = await world.ask(token)
    expect(reply.status).toBe(401)
    expect((await problemOf(reply)).details).toEqual({ error_code: 'run_unknown' })
  }
  expect(late).toBeUndefined()
  expect(world.api.requests).toHaveLength(0)
})

test('a role opens runs of its own only, and only web reads the ledger', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const open = (secret: string, role: string) =>
    fetch(`${world.gateway.url}/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify({ storyId: 's', role, runId: 'r', attempt: 1, budgetUsd: 5, egress: [] }),
    })
  const ledger = await fetch(`${world.gateway.url}/ledger`, { headers: { authorization: `Bearer ${secrets.analyst}` } })

  expect((await open('guess', 'analyst')).status).toBe(401)
  expect((await open(secrets.analyst, 'security')).status).toBe(403)
  expect(ledger.status).toBe(401)
})

test('what telemetry sent is entered by telemetry alone', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const sent = { host: '127.0.0.1:4318', bytesOut: 9, bytesIn: 0, outcome: 'taken' }
  const enter = (secret: string) =>
    fetch(`${world.gateway.url}/ledger`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify(sent),
    })

  const statuses = [(await enter(secrets.analyst)).status, (await enter(secrets.telemetry)).status]

  expect(statuses).toEqual([401, 204])
  expect(await world.ledger()).toMatchObject([{ door: 'telemetry', storyId: null, ...sent }])
})

test('a call that does not fit is answered 402 with the amounts, and does not leave the machine', async () => {
  await using world = await gatewayWorld(() => 'Hello.', {
    spent: spent(4.999),
  })

  const reply = await world.ask(await world.run(), { max_tokens: 16_000 })
  const { type, message, details } = await problemOf(reply)

  expect(reply.status).toBe(402)
  expect(type).toBe('billing_error')
  expect(message).toContain('$5.00')
  expect(details).toMatchObject({ error_code: 'story_budget', spentUsd: 4.999, budgetUsd: 5 })
  expect(details?.neededUsd).toBeGreaterThanOrEqual(0.32)
  expect(world.api.requests).toHaveLength(0)
  expect((await world.ledger('s1'))[0]).toMatchObject({ outcome: 'refused: budget', bytesOut: 0 })
})

test('calls of a story at the same moment never reserve more than is left, and are all served when they turn out cheap', async () => {
  const worst = worstCaseUsd(1_100, 16_000, opus)
  let atOnce = 0
  let most = 0
  await using world = await gatewayWorld(async () => {
    most = Math.max(most, ++atOnce)
    await new Promise((resolve) => setImmediate(resolve))
    atOnce--
    return 'Hello.'
  })
  const tokens = await Promise.all([1, 2, 3].map((n) => world.run({ runId: `run-${n}`, budgetUsd: worst * 2.5 })))

  const replies = await Promise.all(
    Array.from({ length: 10 }, (_, i) => world.ask(tokens[i % 3] as string, { max_tokens: 16_000 })),
  )
  await Promise.all(replies.map((r) => r.text()))

  expect(replies.map((r) => r.status)).toEqual(Array(10).fill(200))
  expect(most).toBeLessThanOrEqual(2)
})

test('what a call did cost counts against the next of its story', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  await (await world.ask(await world.run())).text()

  const reply = await world.ask(await world.run({ runId: 'run-2', budgetUsd: 0.001 }))
  const { details } = await problemOf(reply)

  expect(reply.status).toBe(402)
  expect(world.published[0]?.usage.costUsd).toBeGreaterThan(0)
  expect(details?.spentUsd).toBe(world.published[0]?.usage.costUsd)
})

test('a budget that was raised counts for runs opened with it', async () => {
  await using world = await gatewayWorld(() => 'Hello.', {
    spent: spent(5),
  })
  const before = await world.ask(await world.run())

  const after = await world.ask(await world.run({ runId: 'run-2', budgetUsd: 10 }))

  expect([before.status, after.status]).toEqual([402, 200])
  await after.text()
})

test.each([
  [{ model: 'gpt-9' }, 'prices in config.yaml'],
  [{ speed: 'fast' }, 'speed'],
  [{ thread: { type: 'create' } }, 'thread'],
  [{ tools: [{ type: 'web_search_20260318', name: 'web_search' }] }, 'web_search_20260318'],
  [
    {
      messages: [
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'document' }] }] },
      ],
    },
    'documents',
  ],
  [{ max_tokens: -5 }, 'max_tokens'],
])('what cannot be priced beforehand is refused: %j', async (over, why) => {
  await using world = await gatewayWorld(() => 'Hello.')

  const reply = await world.ask(await world.run(), over)

  expect(reply.status).toBe(400)
  expect((await problemOf(reply)).message).toContain(why)
  expect(world.api.requests).toHaveLength(0)
})

test('a name that stands twice in the request means above what it was priced as', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const token = await world.run()
  const twice = JSON.stringify(message).replace('{', '{"max_tokens":100000,')

  await (await world.ask(token, {}, { body: twice })).text()

  expect(world.api.requests[0]?.body.max_tokens).toBe(1_000)
})

test('a refusal of the API passes as it is and costs nothing', async () => {
  await using world = await gatewayWorld(() => ({ error: 'permission_error', headers: { 'x-why': 'because' } }))

  const reply = await world.ask(await world.run())

  expect(reply.status).toBe(403)
  expect(reply.headers.get('x-why')).toBe('because')
  expect(await problemOf(reply)).toMatchObject({ type: 'permission_error' })
  expect(world.published).toEqual([])
})

test('a stream that is cut above is cut below, and counted as the longest answer it could have been', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello to you, whoever you are.'], cutAfter: 3 }))

  const reply = await world.ask(await world.run())

  await expect(reply.text()).rejects.toThrow()
  const [entry] = await world.ledger()
  expect(entry).toMatchObject({ outcome: '200, cut', usage: { outputTokens: 1_000 } })
  expect(entry?.usage?.inputTokens).toBe(world.api.requests[0]?.usage?.input_tokens)
})

test('a caller who goes away ends the call above, and it is counted', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello.'], stallAfter: 2 }))
  const abort = new AbortController()
  const reply = await world.ask(await world.run(), {}, { signal: abort.signal })
  await reply.body?.getReader().read()

  abort.abort()

  await expect.poll(() => world.published.length).toBe(1)
  await expect.poll(() => world.api.requests[0]?.aborted).toBe(true)
})

test('a run that ends takes its calls with it', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello.'], stallAfter: 2 }))
  const token = await world.run()
  const reply = await world.ask(token)

  await fetch(`${world.gateway.url}/runs/${token}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${secrets.analyst}` },
  })

  await expect(reply.text()).rejects.toThrow()
})

test('an API that is not there is said in a sentence, and costs nothing', async () => {
  await using world = await gatewayWorld(() => 'Hello.', { upstream: await nobodyThere() })

  const reply = await world.ask(await world.run())

  expect(reply.status).toBe(502)
  expect((await problemOf(reply)).message).toMatch(/cannot be reached/)
  expect(world.published).toEqual([])
})

test('a redirect above is not followed with the key', async () => {
  let followed = false
  const elsewhere = createServer((_, res) => {
    followed = true
    res.end()
  }).listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  const to = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
  const upstream = createServer((_, res) => res.writeHead(307, { location: to }).end()).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  await using world = await gatewayWorld(() => 'x', {
    upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
  })

  const reply = await world.ask(await world.run(), {}, { redirect: 'manual' })

  expect(reply.status).toBe(307)
  expect(followed).toBe(false)
  elsewhere.close()
  upstream.close()
})

test('models and counts of tokens are free, for runs alone', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const token = await world.run()
  const get = (key: string) =>
    fetch(`${world.gateway.url}/v1/models`, { headers: { 'x-api-key': key, 'anthropic-version': '2026-10-21' } })
  const count = await fetch(`${world.gateway.url}/v1/messages/count_tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'anthropic-version': '2026-10-21' },
    body: JSON.stringify({ model: message.model, messages: message.messages }),
  })

  expect(((await (await get(token)).json()) as { data: unknown[] }).data.length).toBeGreaterThan(0)
  expect(await count.json()).toMatchObject({ input_tokens: expect.any(Number) })
  expect((await get('nobody')).status).toBe(401)
  expect(world.published).toEqual([])
})

/** Spent by the story before the gateway began. */
const spent = (usd: number) => [
  { id: 'before', storyId: 's1', role: 'analyst', day: '2026-01-01', cost: { usd, tokens: 0 } },
]

/** An address that nobody listens at any more. */
async function nobodyThere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

const bearerOf = 'Bearer sk-ant-oat01-planted-Login_of-the.person~0123456789/+=='

test('a login goes on byte for byte, without our key, and is written down nowhere', async () => {
  const upstream = await recordingUpstream()
  await using world = await gatewayWorld(() => 'Hello.', { upstream: upstream.url })
  const token = await world.run({ login: true })

  const reply = await world.ask('', {}, { headers: { authorization: bearerOf, 'x-sluice-run': token } })
  await reply.text()

  expect(upstream.seen[0]).toMatchObject({ authorization: bearerOf })
  expect(upstream.seen[0]).not.toHaveProperty('x-api-key')
  expect(upstream.seen[0]).not.toHaveProperty('x-sluice-run')
  expect(world.logged() + (await world.written())).not.toContain('sk-ant-oat01')
  await upstream[Symbol.asyncDispose]()
})

test('a run by login is not let in by its token alone, and one by key not beside a bearer of its own', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const byLogin = await world.run({ login: true, runId: 'run-2' })
  const byKey = await world.run()

  const alone = await world.ask(byLogin)
  const beside = await world.ask('', {}, { headers: { authorization: bearerOf, 'x-sluice-run': byKey } })

  expect(alone.status).toBe(401)
  expect(beside.status).toBe(401)
  expect(world.api.requests).toEqual([])
})

/** Says whom it was asked by, and no more. */
async function recordingUpstream() {
  const seen: Record<string, unknown>[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"type":"message"}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

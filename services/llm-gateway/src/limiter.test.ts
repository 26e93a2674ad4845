/** The limiter: who was told no waits until the reset, in turn between stories; who would wait too long is told so. */
import { expect, test } from 'vitest'
import { type Limited, openLimiter, type Turn } from './limiter.ts'

const signal = new AbortController().signal
const from = (storyId: string, model = 'opus') => ({ account: 'key', model, storyId, signal })
const reply = (status: number, headers: Record<string, string> = {}) => ({ status, headers: new Headers(headers) })
const isTurn = (taken: Turn | Limited): Turn => {
  if (taken.kind !== 'turn') throw new Error(`No turn: ${taken.why}`)
  return taken
}
/** Whether it is settled by now. */
const settled = async (promise: Promise<unknown>) =>
  (await Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))])) ===
  true

test('no more calls are under way than may be, and the next has its turn when one ends', async () => {
  const limiter = openLimiter({ calls: 2 })
  const [one, two] = [isTurn(await limiter.take(from('a'))), isTurn(await limiter.take(from('a')))]
  const third = limiter.take(from('a'))

  expect(await settled(third)).toBe(false)
  expect(limiter.view()).toMatchObject({ calls: 2, underWay: 2, waiting: 1 })
  one[Symbol.dispose]()
  one[Symbol.dispose]()

  isTurn(await third)[Symbol.dispose]()
  expect(limiter.view()).toMatchObject({ underWay: 1, waiting: 0 })
  two[Symbol.dispose]()
})

test('a story with many calls does not keep another one waiting', async () => {
  const limiter = openLimiter({ calls: 2 })
  const [one, two] = [isTurn(await limiter.take(from('many'))), isTurn(await limiter.take(from('many')))]
  const order: string[] = []
  const waits = ['many', 'many', 'many', 'few'].map((story) =>
    limiter.take(from(story)).then((turn) => {
      order.push(story)
      return isTurn(turn)
    }),
  )

  one[Symbol.dispose]()
  await waits[3]
  two[Symbol.dispose]()
  for (const wait of waits) (await wait)[Symbol.dispose]()

  expect(order[0]).toBe('few')
})

test('after a refusal nobody calls before the reset, then one tries for all', async () => {
  let now = 0
  const limiter = openLimiter({ now: () => now, longestMs: 50 })
  const refused = isTurn(await limiter.take(from('a')))
  refused.heard(reply(429, { 'retry-after-ms': '30' }))
  refused[Symbol.dispose]()
  const [first, second] = [limiter.take(from('a')), limiter.take(from('b'))]
  expect(await settled(Promise.race([first, second]))).toBe(false)

  now = 31
  const probe = isTurn(await Promise.race([first, second]))
  expect(await settled(Promise.all([first, second]))).toBe(false)
  probe.heard(reply(200))

  isTurn(await first)[Symbol.dispose]()
  isTurn(await second)[Symbol.dispose]()
})

test('an answer to who was under way before the refusal does not lift it', async () => {
  let now = 0
  const limiter = openLimiter({ now: () => now, longestMs: 50 })
  const [early, refused] = [isTurn(await limiter.take(from('a'))), isTurn(await limiter.take(from('b')))]
  refused.heard(reply(529, { 'retry-after-ms': '40' }))

  early.heard(reply(200))

  expect(limiter.view().held).toHaveLength(1)
  now = 41
  expect(limiter.view().held).toHaveLength(0)
})

test('refused again and again without a time, it waits longer each time', async () => {
  let now = 0
  const limiter = openLimiter({ now: () => now, longestMs: 60_000 })
  const waits: number[] = []
  for (let i = 0; i < 4; i++) {
    const turn = isTurn(await limiter.take(from('a')))
    turn.heard(reply(529))
    turn[Symbol.dispose]()
    const until = Date.parse(limiter.view().held[0]?.until ?? '')
    waits.push(until - now)
    now = until + 1
  }

  expect(waits.map((ms) => Math.round(Math.log2(ms / 1_000)))).toEqual([0, 1, 2, 3])
})

test('whoever would have to wait longer than anybody may is told at once, also who waits already', async () => {
  const limiter = openLimiter({ longestMs: 1_000, calls: 1 })
  const turn = isTurn(await limiter.take(from('a')))
  const waiting = limiter.take(from('b'))
  turn.heard(reply(429, { 'retry-after': '3600' }))
  turn[Symbol.dispose]()

  const next = limiter.take(from('c'))
  expect(await settled(Promise.all([waiting, next]))).toBe(true)
  const told = [await waiting, await next]

  for (const one of told) {
    expect(one).toMatchObject({ kind: 'limited', why: 'the provider limits the rate' })
    expect(Date.parse((one as Limited).resetsAt) - Date.now()).toBeGreaterThan(3_500_000)
  }
})

test('nobody waits for a turn longer than they may', async () => {
  const limiter = openLimiter({ longestMs: 20, calls: 1 })
  const turn = isTurn(await limiter.take(from('a')))

  expect(await limiter.take(from('b'))).toMatchObject({ kind: 'limited', why: 'all 1 calls at once are taken' })
  turn[Symbol.dispose]()
  expect(limiter.view()).toMatchObject({ underWay: 0, waiting: 0 })
})

test('a limit of one model does not hold another; one of the plan holds the account', async () => {
  const limiter = openLimiter({ longestMs: 10 })
  const turn = isTurn(await limiter.take(from('a', 'opus')))
  turn.heard(reply(429, { 'retry-after': '60' }))
  expect((await limiter.take(from('a', 'opus'))).kind).toBe('limited')
  const other = isTurn(await limiter.take(from('a', 'haiku')))

  const reset = Math.round(Date.now() / 1_000) + 7_200
  other.heard(
    reply(429, {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': String(reset),
    }),
  )

  expect(await limiter.take(from('a', 'sonnet'))).toMatchObject({
    kind: 'limited',
    resetsAt: new Date(reset * 1_000).toISOString(),
    why: 'the plan has nothing left in its window',
  })
})

test('the last call that was left is known before it is refused', async () => {
  const limiter = openLimiter({ longestMs: 10 })
  const turn = isTurn(await limiter.take(from('a')))
  const reset = new Date(Date.now() + 120_000).toISOString()

  turn.heard(reply(200, { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': reset }))

  expect(await limiter.take(from('b'))).toMatchObject({ kind: 'limited', resetsAt: reset, why: 'no requests are left' })
})

test('how full the windows of a plan are is read from every answer', async () => {
  const limiter = openLimiter()
  const turn = isTurn(await limiter.take(from('a')))

  turn.heard(
    reply(200, {
      'anthropic-ratelimit-unified-status': 'allowed_warning',
      'anthropic-ratelimit-unified-5h-utilization': '0.42',
      'anthropic-ratelimit-unified-5h-reset': '1790134200',
      'anthropic-ratelimit-unified-7d-utilization': '0.9',
      'anthropic-ratelimit-unified-7d-status': 'allowed',
    }),
  )

  expect(limiter.view().windows).toMatchObject([
    { name: '5h', used: 0.42, resetsAt: new Date(1_790_134_200_000).toISOString(), status: 'allowed_warning' },
    { name: '7d', used: 0.9, resetsAt: null, status: 'allowed' },
  ])
})

test('who was given up waits no longer and holds nothing', async () => {
  const limiter = openLimiter({ calls: 1 })
  const turn = isTurn(await limiter.take(from('a')))
  const gone = new AbortController()
  const waiting = limiter.take({ ...from('b'), signal: gone.signal })
  gone.abort(new Error('gone'))

  await expect(waiting).rejects.toThrow('gone')
  turn[Symbol.dispose]()
  expect(limiter.view()).toMatchObject({ underWay: 0, waiting: 0 })
})

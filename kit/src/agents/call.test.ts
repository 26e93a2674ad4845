/** What a run notices when the model's side fails: another try, a pause, or an end with a reason. */
import { expect, test } from 'vitest'
import { Pause, TerminalError } from '../errors.ts'
import { agentWorld } from '../testing/agent-world.ts'
import { type MemoryRun, memoryRun } from '../testing/memory-run.ts'
import { type Reply, text, tool } from '../testing/messages-script.ts'

const submit = { content: [text('Here it is, in a few words.'), tool('submit', { verdict: 'good' })] }

/** Fails as told, in this order, then submits. */
function failing(...replies: Reply[]) {
  return agentWorld(() => replies.shift() ?? submit)
}

const retries = (run: MemoryRun) =>
  run.log.flatMap(({ kind, data }) =>
    kind === 'note' && (data as { type: string }).type === 'retry' ? [data as { text: string; delayMs: number }] : [],
  )

test.each<[string, Reply]>([
  ['529', { error: 'overloaded_error' }],
  ['429', { error: 'rate_limit_error' }],
  ['500', { error: 'api_error' }],
  ['a connection cut before the reply', { ...submit, cutAfter: 0 }],
  ['a connection cut in the reply', { ...submit, cutAfter: 5 }],
  ['an error in the stream', { ...submit, streamError: 'overloaded_error' }],
  ['a stream that is no JSON', { ...submit, invalid: true }],
  ['silence after the headers', { ...submit, stallAfter: 3 }],
  ['silence before them', { ...submit, delayMs: 60_000 }],
])('%s: the same turn is tried again and nothing of the first try is kept', async (_, reply) => {
  await using world = await failing(reply)
  const run = memoryRun()

  const { output, turns } = await world.attempt(run, { limits: { idleMs: 300 } })

  expect(output).toEqual({ verdict: 'good' })
  expect(turns).toBe(1)
  expect(retries(run)).toHaveLength(1)
  expect(world.api.requests.map((r) => r.headers['idempotency-key'])).toEqual(['run-00000001/0', 'run-00000001/0'])
})

test('waits as long as it is told to', async () => {
  await using world = await failing({ error: 'rate_limit_error', headers: { 'retry-after': '0.2' } })
  const run = memoryRun()

  await world.attempt(run)

  expect(retries(run)[0]?.delayMs).toBeGreaterThanOrEqual(200)
  expect(retries(run)[0]?.delayMs).toBeLessThanOrEqual(220)
})

test('what a cut reply had cost so far is counted', async () => {
  await using world = await failing({ ...submit, cutAfter: 5 })
  const run = memoryRun()

  await world.attempt(run)

  expect(run.log.filter((e) => e.kind === 'usage')).toHaveLength(2)
})

test('gives up after four tries with an error that is tried again later', async () => {
  const overloaded: Reply = { error: 'overloaded_error' }
  await using world = await failing(overloaded, overloaded, overloaded, overloaded)

  const failed = await world.attempt().catch((error: unknown) => error)

  expect(failed).toBeInstanceOf(Error)
  expect(failed).not.toBeInstanceOf(TerminalError)
  expect(String(failed)).toContain('4 tries')
  expect(world.api.requests).toHaveLength(4)
})

test('a request the API calls wrong is never sent again, and named by its id', async () => {
  await using world = await failing({ error: 'invalid_request_error', message: 'messages: too strange' })

  const attempt = world.attempt()

  await expect(attempt).rejects.toThrow(TerminalError)
  await expect(attempt).rejects.toThrow(/too strange \(request req_/)
  expect(world.api.requests).toHaveLength(1)
})

test.each<['authentication_error' | 'permission_error' | 'billing_error']>([
  ['authentication_error'],
  ['permission_error'],
  ['billing_error'],
])('%s parks the run for the person to mend the account', async (error) => {
  await using world = await failing({ error, message: 'not with this key' })

  const parked = await world.attempt().catch((e: unknown) => e)

  expect((parked as Pause).waiting).toMatchObject({
    kind: 'account',
    problem: expect.stringContaining('not with this key'),
  })
})

test('a story without budget parks the run with the three amounts', async () => {
  const details = { error_code: 'story_budget', spentUsd: 4.5, neededUsd: 1, budgetUsd: 5 }
  await using world = await failing({ error: 'billing_error', details })

  const parked = await world.attempt().catch((e: unknown) => e)

  expect(parked).toBeInstanceOf(Pause)
  expect((parked as Pause).waiting).toEqual({ kind: 'budget', spentUsd: 4.5, neededUsd: 1, budgetUsd: 5 })
})

test('a gateway that was started anew is asked for another token', async () => {
  await using world = await failing({ error: 'authentication_error', details: { error_code: 'run_unknown' } })

  const { output } = await world.attempt()

  expect(output).toEqual({ verdict: 'good' })
  expect(world.api.requests.map((r) => r.headers.authorization)).toEqual(['Bearer token-0', 'Bearer token-1'])
})

test('a refusal of the model ends the run', async () => {
  await using world = await failing({ content: ['No.'], stop: 'refusal' })

  await expect(world.attempt()).rejects.toThrow(/refused.*request req_/)
})

test('a run that is stopped while the model speaks stops at once', async () => {
  const abort = new AbortController()
  await using world = await agentWorld(() => {
    abort.abort(new Error('stopping'))
    return { ...submit, delayMs: 60_000 }
  })

  await expect(world.attempt(memoryRun(), { signal: abort.signal })).rejects.toThrow('stopping')
})

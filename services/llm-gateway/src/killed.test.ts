/** A gateway that is killed at any moment of a call: no answer is paid for twice, and all that was paid is counted once. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openAgent } from '@sluice/kit/agents/anthropic.ts'
import { artifactStore } from '@sluice/kit/artifacts.ts'
import { connectBus } from '@sluice/kit/bus.ts'
import { openLog } from '@sluice/kit/log.ts'
import { openModelAccess } from '@sluice/kit/model-access.ts'
import { publicPrices, usageOf } from '@sluice/kit/prices.ts'
import { readSpent } from '@sluice/kit/spend.ts'
import { freePort, startBroker } from '@sluice/kit/testing/broker.ts'
import { memoryRun } from '@sluice/kit/testing/memory-run.ts'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { type ScriptedModel, tool, toolResults } from '@sluice/kit/testing/messages-script.ts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openLedger } from './ledger.ts'

const secret = 'secret-of-the-analyst'
const program = fileURLToPath(new URL('./testing/killed-gateway.ts', import.meta.url))
const opus = publicPrices['claude-opus-5-5'] as (typeof publicPrices)[string]

/** Three looks, then the verdict. */
const model: ScriptedModel = (request) => {
  const looks = toolResults(request).length
  return { content: [looks < 3 ? tool('look', { at: looks }) : tool('submit', { verdict: 'good' })] }
}

async function world(script: ScriptedModel = model) {
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(await startBroker([]))
  const api = stack.use(await startMessagesApi({ model: script, keys: ['scripted'] }))
  const port = await freePort()
  const own = { port, secrets: { analyst: secret }, upstream: { url: api.url, key: 'scripted' } }
  const config = { url: broker.url, user: 'llm-gateway', password: 'llm-gateway', ackWaitMs: 3_000, own }
  await mkdir(join(broker.dir, 'bus'))
  await writeFile(join(broker.dir, 'bus', 'llm-gateway.json'), JSON.stringify(config))
  const children: ChildProcess[] = []
  stack.defer(async () => {
    for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && !signalCode)) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  })
  const things = stack.move()
  return {
    ...{ api, dir: broker.dir, gateway: { url: `http://127.0.0.1:${port}`, secret } },
    async start(env: Record<string, string> = {}): Promise<ChildProcess> {
      const child = await started(broker.dir, env)
      children.push(child)
      return child
    },
    async spent() {
      const bus = await connectBus({ url: broker.url, user: 'llm-gateway', password: 'llm-gateway' })
      try {
        return await Array.fromAsync(readSpent(bus))
      } finally {
        await bus[Symbol.asyncDispose]()
      }
    },
    ledger: async () => (await openLedger(join(broker.dir, 'ledger'))).entries(),
    left: () => readdir(join(broker.dir, 'gateway', 'calls')),
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

async function started(dataDir: string, more: Record<string, string>): Promise<ChildProcess> {
  const env = { PATH: process.env.PATH, SLUICE_DATA: dataDir, ...more }
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'inherit', 'pipe'] })
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
    said.push(line)
    if (line.includes('"ready"')) break
  }
  if (!said.at(-1)?.includes('"ready"')) throw new Error(said.join('\n'))
  child.stderr?.resume()
  return child
}

type World = Awaited<ReturnType<typeof world>>

/** An agent at work over this gateway; it waits for one that is away. */
async function agent({ gateway, dir }: World) {
  const run = memoryRun()
  const about = { storyId: 's1', role: 'analyst', runId: run.id, attempt: 1, budgetUsd: 5, egress: [] }
  const access = await openModelAccess(gateway, about)
  const options = { run, access, model: 'claude-opus-5-5', log: openLog('test'), artifacts: artifactStore(dir) }
  const look = {
    ...{ name: 'look', description: 'Looks.', input: z.object({ at: z.number() }), readOnly: true },
    run: async () => ({ ok: true, content: [{ type: 'text' as const, text: 'Seen.' }] }),
  }
  return {
    access,
    run,
    work: () =>
      openAgent({ ...options, firstWaitMs: 1_500 }).run({
        ...{ system: 'You judge.', prompt: [{ type: 'text' as const, text: 'Judge.' }], tools: [look] },
        ...{ output: z.object({ verdict: z.string() }), signal: new AbortController().signal },
      }),
  }
}

/** Everything that says what was paid says the same. */
async function reckoned(all: World): Promise<void> {
  const spent = await all.spent()
  const told = spent.filter(({ estimated }) => !estimated)
  const ledger = (await all.ledger()).filter(({ usage }) => usage)
  const whole = all.api.requests.filter((request) => request.whole)
  const sum = (costs: number[]) => costs.reduce((a, b) => a + b, 0)

  expect(all.api.askedTwice()).toEqual([])
  expect(whole).toHaveLength(4)
  expect(new Set(spent.map(({ id }) => id)).size).toBe(spent.length)
  expect(sum(told.map(({ usage }) => usage.costUsd))).toBeCloseTo(
    sum(whole.map(({ usage }) => usageOf(usage ?? {}, opus).costUsd)),
    10,
  )
  expect(ledger.map(({ id }) => id).sort()).toEqual(spent.map(({ id }) => id).sort())
  expect(sum(ledger.map(({ usage }) => usage?.costUsd ?? 0))).toBeCloseTo(sum(spent.map((s) => s.usage.costUsd)), 10)
  expect(await all.left()).toEqual([])
}

test.each(['begun', 'sent', 'kept', 'ended', 'entered', 'published'])(
  'killed when a call is %s, it is asked for once and counted once',
  async (step) => {
    await using all = await world()
    const first = await all.start({ KILL_AT: step, KILL_NTH: '2' })
    const { work, access, run } = await agent(all)
    const working = work()
    await once(first, 'exit')
    await all.start()

    const { output, usage } = await working
    await access[Symbol.asyncDispose]()

    expect(first.signalCode).toBe('SIGKILL')
    expect(output).toEqual({ verdict: 'good' })
    await reckoned(all)
    const told = (await all.spent()).filter(({ estimated }) => !estimated)
    // What the run says of itself is what the gateway knows: every call once, replayed or not.
    expect(usage.costUsd).toBeCloseTo(
      told.reduce((sum, one) => sum + one.usage.costUsd, 0),
      10,
    )
    expect(run.log.filter(({ kind }) => kind === 'assistant')).toHaveLength(4)
  },
)

test('killed in the middle of a stream, what it may have cost counts, and says that it is a guess', async () => {
  let stalled = false
  await using all = await world((request) => {
    const reply = model(request, {} as never) as { content: [] }
    if (toolResults(request).length !== 1 || stalled) return reply
    stalled = true
    return { ...reply, stallAfter: 3 }
  })
  const first = await all.start()
  const { work, access } = await agent(all)
  const working = work()
  await expect.poll(() => all.api.requests[1]?.usage !== undefined).toBe(true)
  await expect.poll(async () => (await all.left()).length).toBe(1)
  first.kill('SIGKILL')
  await once(first, 'exit')
  await all.start()

  await working
  await access[Symbol.asyncDispose]()

  await reckoned(all)
  const guesses = (await all.spent()).filter(({ estimated }) => estimated)
  expect(guesses).toHaveLength(1)
  // What went in had been said by then: only what came out is guessed, at its longest.
  expect(guesses[0]?.usage.outputTokens).toBe(16_000)
})

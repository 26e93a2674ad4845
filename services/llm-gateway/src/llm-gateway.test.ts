/** The gateway as the process it is: on a real broker, killed, started anew, and an agent that notices none of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openAgent } from '@sluice/kit/agents/anthropic.ts'
import { artifactStore } from '@sluice/kit/artifacts.ts'
import { Pause } from '@sluice/kit/errors.ts'
import { openLog } from '@sluice/kit/log.ts'
import { openModelAccess } from '@sluice/kit/model-access.ts'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import { memoryRun } from '@sluice/kit/testing/memory-run.ts'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { tool } from '@sluice/kit/testing/messages-script.ts'
import { expect, test } from 'vitest'
import { z } from 'zod'

const program = fileURLToPath(new URL('./llm-gateway.ts', import.meta.url))
const secret = 'secret-of-the-analyst'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function gatewayProcess() {
  const broker = await startBroker([])
  const api = await startMessagesApi({
    model: () => ({ content: [tool('submit', { verdict: 'good' })] }),
    keys: ['scripted'],
  })
  const port = await freePort()
  const own = { port, secrets: { analyst: secret }, upstream: { url: api.url, key: 'scripted' } }
  const config = { url: broker.url, user: 'llm-gateway', password: 'llm-gateway', ackWaitMs: 3_000, own }
  await mkdir(join(broker.dir, 'bus'))
  await writeFile(join(broker.dir, 'bus', 'llm-gateway.json'), JSON.stringify(config))
  let child = await started(broker.dir)

  return {
    gateway: { url: `http://127.0.0.1:${port}`, secret },
    dir: broker.dir,
    api,
    async killAndStart() {
      await ended(child, 'SIGKILL')
      child = await started(broker.dir)
    },
    async [Symbol.asyncDispose]() {
      await ended(child, 'SIGTERM')
      await api.close()
      await broker[Symbol.asyncDispose]()
    },
  }
}

async function started(dataDir: string): Promise<ChildProcess> {
  const env = { PATH: process.env.PATH, SLUICE_DATA: dataDir, ANTHROPIC_API_KEY: 'a real key that must not be used' }
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'inherit', 'pipe'] })
  const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream })
  const said: string[] = []
  for await (const line of lines) {
    said.push(line)
    if (line.includes('"ready"')) break
  }
  if (!said.at(-1)?.includes('"ready"')) throw new Error(said.join('\n'))
  child.stderr?.resume()
  return child
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

const runOf = (runId: string, budgetUsd: number) => ({
  storyId: 's1',
  role: 'analyst',
  runId,
  attempt: 1,
  budgetUsd,
  egress: [],
})
const task = {
  system: 'You judge.',
  prompt: [{ type: 'text' as const, text: 'Judge.' }],
  output: z.object({ verdict: z.string() }),
  signal: new AbortController().signal,
}

test('an agent goes on over a gateway that was killed, and what was spent before still counts', async () => {
  await using world = await gatewayProcess()
  await using access = await openModelAccess(world.gateway, runOf('run-1', 5))
  const agentOf = (gateway: typeof access) =>
    openAgent({
      run: memoryRun(),
      access: gateway,
      model: 'claude-opus-5-5',
      log: openLog('test'),
      artifacts: artifactStore(world.dir),
      firstWaitMs: 1,
    })
  const agent = agentOf(access)
  const first = await agent.run(task)

  await world.killAndStart()
  const second = await agent.run(task)
  await using poor = await openModelAccess(world.gateway, runOf('run-2', first.usage.costUsd / 2))
  const parked = await agentOf(poor)
    .run(task)
    .catch((error: unknown) => error)

  expect([first.output, second.output]).toEqual([{ verdict: 'good' }, { verdict: 'good' }])
  expect(parked).toBeInstanceOf(Pause)
  expect((parked as Pause).waiting).toMatchObject({ kind: 'budget' })
  const { spentUsd } = (parked as Pause).waiting as { spentUsd: number }
  expect(spentUsd).toBeCloseTo(first.usage.costUsd + second.usage.costUsd)
})

test('a role with a wrong secret is told so and does not try again', async () => {
  await using world = await gatewayProcess()

  const opening = openModelAccess({ ...world.gateway, secret: 'another' }, runOf('run-1', 5))

  await expect(opening).rejects.toThrow('The gateway refuses this run: 401')
})

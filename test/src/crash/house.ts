/** A whole Sluice on a tiny repository, with a wire before every service: what the crash matrix breaks. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHouse } from '@sluice/cli/house.ts'
import { makeTinyRepository, TINY_STORY, tinyModel } from '@sluice/demo/tiny.ts'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { openWire, type Passing, type Wire } from './proxy.ts'

/** Long enough for a role to answer, short enough to wait for (milliseconds). */
export const ACK_WAIT_MS = 3_000
const SERVICES = [
  'orchestrator',
  'web',
  'analyst',
  'designer',
  'architect',
  'implementer',
  'checks',
  'security',
  'refactor',
  'generic',
  'releaser',
]

export type CrashHouse = Awaited<ReturnType<typeof openCrashHouse>>

export async function openCrashHouse() {
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'slc-crash-'))
  stack.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))
  const [dataDir, repository] = [join(dir, 'data'), join(dir, 'repository')]
  await makeTinyRepository(repository)
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim()
  const start = git('rev-parse', 'main')

  const api = stack.use(await startMessagesApi({ model: tinyModel }))
  let watch: (service: string, passing: Passing) => 'pass' | 'drop' | 'drop-answer' = () => 'pass'
  const broker = () => JSON.parse(readFileSync(join(dataDir, 'bus', 'supervisor.json'), 'utf8')).url as string
  const wires = new Map<string, Wire>()
  for (const name of SERVICES) wires.set(name, stack.use(await openWire(broker, (passing) => watch(name, passing))))

  const house = stack.use(
    await openHouse({
      ...{ dataDir, repository, ackWaitMs: ACK_WAIT_MS, implementers: 1 },
      upstream: { url: api.url, key: 'sk-ant-scripted' },
      busUrlFor: (user) => wires.get(user)?.url ?? broker(),
    }),
  )
  await house.ready
  const things = stack.move()

  async function rest<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
    const headers = {
      authorization: `Bearer ${house.token}`,
      'content-type': 'application/json',
      ...(key ? { 'idempotency-key': key } : {}),
    }
    // Whoever kills web in the middle of a command sends it again: the key makes it one.
    for (let tries = 0; ; tries++) {
      const reply = await fetch(house.origin + path, {
        method,
        headers,
        ...(body ? { body: JSON.stringify(body) } : {}),
      }).catch(() => null)
      if (reply?.ok) return (await reply.json()) as T
      const fatal = reply !== null && reply.status < 500 && reply.status !== 409
      if (fatal || tries > 150) throw new Error(`${method} ${path}: ${reply?.status} ${await reply?.text()}`)
      if (reply?.status === 409) return null as T
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  return {
    ...{ house, rest, git, start, api, dataDir, repository },
    text: TINY_STORY,
    /** What is done with every message from now on. */
    watch: (by: typeof watch) => {
      watch = by
    },
    pid: (service: string): number => {
      const found = house.pids().find((p) => p.name === service && p.pid !== null)
      if (!found?.pid) throw new Error(`${service} does not run.`)
      return found.pid
    },
    /** The person's checkout and branch as they were before any story. */
    reset: () => {
      git('reset', '--quiet', '--hard', start)
      git('clean', '-fdq')
    },
    log: (service: string) => readFile(join(dataDir, 'logs', `${service}.1.log`), 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

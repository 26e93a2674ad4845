/** Tries every way out twice: without the jail, where it must lead out, and with it, where it must not. */
import { execFile } from 'node:child_process'
import { runJailed } from '@sluice/kit/exec.ts'
import { jailed, SECRET } from '@sluice/kit/testing/jail-world.ts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Attempt, GOT_OUT, type Group } from './attempt.ts'
import type { Trap } from './host.ts'
import { type Outside, openOutside, openServices, openYard, type Services, tidy, type Yard } from './yard.ts'

export function tryAll({ attempts, spoils = false }: Group): void {
  const around = openAround()
  let shared: Yard | undefined
  afterAll(() => shared?.[Symbol.asyncDispose]())

  async function inYard<T>(use: (yard: Yard) => Promise<T>): Promise<T> {
    if (!spoils) {
      shared ??= await around.yard()
      tidy(shared)
      return use(shared)
    }
    await using yard = await around.yard()
    return await use(yard)
  }

  test.each(attempts)('an agent cannot $tries', async (attempt) => {
    expect(await inYard((yard) => tried(free, attempt, yard))).toMatchObject({ out: true })

    const inJail = await inYard((yard) => tried(held, attempt, yard))

    expect(inJail).toMatchObject({ out: false })
    // What is not there to try it with was not tried.
    expect(inJail.said).not.toMatch(/command not found|No module named|SyntaxError/)
    expect(around.outside().running()).toBe(true)
  })
}

/** Over what a script left, in a jail, go first somebody careless and then ourselves. */
export function setAll(traps: readonly Trap[]): void {
  const around = openAround()
  test.each(traps)('$tries catches nobody', async ({ script, careless, ours, gotOut }) => {
    const left = async (host: (yard: Yard) => unknown): Promise<boolean> => {
      await using yard = await around.yard()
      await held(yard, script(yard))
      await host(yard)
      return gotOut(yard)
    }
    expect(await left(({ world }) => careless(world))).toBe(true)

    expect(await left(({ world }) => ours(world).catch(() => undefined))).toBe(false)
  })
}

/** What all attempts of a file try to reach. */
function openAround(): { yard(): Promise<Yard>; outside(): Outside } {
  let services: Services
  let outside: Outside
  beforeAll(async () => {
    ;[services, outside] = await Promise.all([openServices(), openOutside()])
  })
  afterAll(async () => {
    await Promise.all([services[Symbol.asyncDispose](), outside[Symbol.asyncDispose]()])
  })
  return { yard: () => openYard(services, outside), outside: () => outside }
}

type Tried = { out: boolean; said: string }

/** As an agent would run it whom nothing holds: in the worktree, as the person, with the person's environment. */
function free({ world }: Yard, script: string): Promise<string> {
  const options = { cwd: world.worktree, env: { ...process.env, PLANTED: SECRET }, timeout: 60_000 }
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], options, (_, stdout, stderr) => resolve(stdout + stderr))
  })
}

async function held({ world }: Yard, script: string): Promise<string> {
  const policy = { worktree: world.worktree, hidden: [world.data] }
  vi.stubEnv('PLANTED', SECRET)
  const { log } = await runJailed(jailed(), policy, script, { timeoutMs: 60_000, logFile: world.log })
  vi.unstubAllEnvs()
  return log.tail
}

async function tried(how: typeof free, { script, gotOut = shows }: Attempt, yard: Yard): Promise<Tried> {
  const said = await how(yard, script(yard))
  return { out: await gotOut(yard, said), said }
}

const shows = (_: Yard, said: string): boolean => said.includes(SECRET) || said.includes(GOT_OUT)

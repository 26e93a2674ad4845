/** Whether the demo came out right: each story's commit is on the main branch, and the project's own checks pass there. */
import { delimiter, dirname, join } from 'node:path'
import { serviceConfig } from '@sluice/kit/config.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import { type Executed, runJailed } from '@sluice/kit/exec.ts'
import { git, gitText } from '@sluice/kit/git.ts'
import type { Jail, JailPolicy } from '@sluice/kit/jail.ts'
import { openModelAccess } from '@sluice/kit/model-access.ts'
import { openRepository, type Repository } from '@sluice/kit/repository.ts'
import { jailFrom, resolveJail } from '@sluice/kit/resolve/jail.ts'
import { RoleOwn } from '@sluice/kit/role-own.ts'
import { openRunSocket } from '@sluice/kit/run-socket.ts'
import { scratchCheckout } from '@sluice/kit/scratch.ts'
import { toolPath } from '@sluice/kit/toolchains.ts'
import type { Story } from '@sluice/proto/story.ts'
import { demoEnv } from '../demo-house.ts'

const OUR_NODE = dirname(dirname(process.execPath))
const COMMAND_MS = 10 * 60_000

/** `dir` is the demo's own: its house lies in `house`, what is checked beside it. */
type Place = { dir: string; house: string; signal: AbortSignal; say(line: string): void }

export type Landed = { ok: boolean /** Commits that each story brought, by its id. */; commits: Map<string, number> }

export async function examineMain(stories: readonly Story[], place: Place): Promise<Landed> {
  const [first] = stories
  if (!first) return { ok: false, commits: new Map() }
  const { root, base } = first.submitted.repository
  const repository = await openRepository(root)
  const main = await repository.head(base)
  const landed = await Promise.all(stories.map((story) => isOn(repository, story, main)))
  const counted = await Promise.all(
    stories.map(async (story) => [story.id, await commitsOf(repository, story)] as const),
  )
  const passed = landed.every(Boolean) && (await checksPass(first, { repository, main }, place))
  return { ok: passed, commits: new Map(counted) }
}

async function isOn({ refs }: Repository, { shipped }: Story, main: string): Promise<boolean> {
  if (!shipped) return false
  const { code } = await git(refs, ['merge-base', '--is-ancestor', shipped.commit, main], { ok: [1, 128] })
  return code === 0
}

async function commitsOf({ refs }: Repository, { shipped, judged }: Story): Promise<number> {
  if (!shipped || !judged) return 0
  return Number(await gitText(refs, ['rev-list', '--count', `${judged.base}..${shipped.commit}`]))
}

/** Run as the checks seat runs them: on a clean checkout, in the jail, out to the package registry and nowhere else. */
async function checksPass(story: Story, at: { repository: Repository; main: string }, place: Place): Promise<boolean> {
  const { setup, checks } = story.submitted.config
  const commands = [...(setup ? [{ name: 'set-up', command: setup }] : []), ...checks]
  await using scratch = await scratchCheckout({ ...at, commit: at.main, dir: join(place.dir, 'main') })
  await using jailed = await openJail(story, scratch.dir, place)

  for (const { name, command } of commands) {
    const options = { timeoutMs: COMMAND_MS, logFile: join(place.dir, `${name}.log`), signal: place.signal }
    const ended = await runJailed(jailed.jail, jailed.policy, command, options)
    place.say(`main branch: ${name} (${command}) ${outcome(ended)}`)
    if (ended.exitCode !== 0) {
      place.say(ended.log.tail)
      return false
    }
  }
  return true
}

const outcome = ({ exitCode, timedOut, seconds }: Executed): string =>
  `${timedOut ? 'timed out' : exitCode === 0 ? 'passed' : `failed with ${exitCode}`} after ${seconds.toFixed(1)} s`

async function openJail(
  { id: storyId, budgetUsd }: Story,
  worktree: string,
  { house }: Place,
): Promise<AsyncDisposable & { jail: Jail; policy: JailPolicy }> {
  await using stack = new AsyncDisposableStack()
  const { gateway, own } = await serviceConfig('checks', house)
  if (!gateway) throw new Refusal('There is no gateway to the package registry.', 'Run the demo again.')
  const { egress, registry, readable } = RoleOwn.parse(own ?? {})
  const run = { storyId, role: 'checks', runId: 'main-branch', attempt: 1, budgetUsd, egress }
  const access = stack.use(await openModelAccess(gateway, run))
  const socket = stack.use(await openRunSocket({ gateway: access }))
  const jail = jailFrom(await resolveJail())
  const PATH = toolPath(demoEnv()).join(delimiter)
  const env = { PATH, ...(registry && { npm_config_registry: registry }) }
  const opened = stack.move()
  return {
    jail,
    policy: { worktree, socket: socket.path, readable: [...readable, OUR_NODE], env, hidden: [house] },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** Makes a worktree ready before an agent is in it: the person's files, then dependencies from the shared ones or by the set-up command. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { copyGranted } from '@sluice/kit/copied-files.ts'
import { notGranted } from '@sluice/kit/copy-pattern.ts'
import { type Dependencies, dependenciesOf } from '@sluice/kit/dependencies.ts'
import { diffOf } from '@sluice/kit/diff.ts'
import { TerminalError } from '@sluice/kit/errors.ts'
import { runJailed } from '@sluice/kit/exec.ts'
import type { Jail, JailPolicy } from '@sluice/kit/jail.ts'
import { diskTime, readPrepared, writePrepared } from '@sluice/kit/prepared.ts'
import type { Means } from '@sluice/kit/role.ts'
import { openBeneath } from '@sluice/kit/tools/beneath.ts'
import type { Worktree } from '@sluice/kit/worktree.ts'
import type { ProjectConfig } from '@sluice/proto/parts.ts'
import { isDocument } from './hand-in.ts'

const SET_UP_MS = 15 * 60_000

type Place = { jail: Jail; policy: JailPolicy }
type Job = { config: Pick<ProjectConfig, 'setup' | 'copy'>; projectId: string; place: Place; means: Means }

/**
 * Rejects with `TerminalError` and the end of its log when the command fails: no agent works in a half-made place. Until it is disposed,
 * dependencies are made ready for whoever comes next.
 */
export async function setUp(worktree: Worktree, job: Job): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const { config, means } = job
  const { dir } = worktree
  const before = await readPrepared(dir)
  const wanted = await digestOf(worktree, config.setup)
  if (before?.wanted === wanted) return stack.move()

  // Nothing was done here yet: whatever stands here is the commit's, and what set-up adds is its own.
  const from = before ? await diskTime(dir) : 0
  if (!before) await copyFiles(worktree, job)
  const shared = stack.use(before ? null : await sharedOf(worktree, job))
  if (config.setup && !(await restored(dir, shared, means))) {
    await runSetUp(config.setup, job)
    if (await isUntouched(worktree)) await shared?.keep(dir)
  }
  await means.run.fence()
  await writePrepared(dir, { wanted, spans: [...(before?.spans ?? []), { from, to: await diskTime(dir) }] })
  return stack.move()
}

async function copyFiles({ repository, dir, gitDir }: Worktree, { config, means }: Job): Promise<void> {
  const { run, workshop } = means
  const { copied, left } = await copyGranted(repository, { dir, index: join(gitDir, 'index') }, workshop.copy)
  const refused = notGranted(config.copy ?? [], workshop.copy)
  const say = (text: string) => run.append('note', { type: 'copy', text })
  if (copied.length > 0) await say(`Copied from your checkout, as your config.yaml lists it: ${copied.join(', ')}.`)
  for (const { path, why } of left) await say(`${path} is not copied: ${why}.`)
  if (refused.length > 0)
    await say(
      `sluice.yaml asks for ${refused.join(', ')}, which your own config does not give: not copied. To give it, add it to \`worktree.copy\` in your config.yaml.`,
    )
}

const sharedOf = async (
  { repository, branch }: Worktree,
  { config, projectId, place, means: { workshop, log } }: Job,
): Promise<Dependencies | null> =>
  dependenciesOf({
    ...{ repository, commit: await repository.head(branch), command: config.setup, projectId },
    ...{ dataDir: workshop.dataDir, jail: place.jail, log },
  })

/** No agent's commit is on the branch: what set-up made there is what it makes of the base. */
async function isUntouched({ repository, branch, base }: Worktree): Promise<boolean> {
  const { files } = await diffOf(repository, base, await repository.head(branch))
  return files.every(({ path }) => isDocument(path))
}

async function restored(dir: string, shared: Dependencies | null, { run }: Means): Promise<boolean> {
  const began = performance.now()
  const kept = await shared?.restore(dir)
  if (!kept) return false
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const text = `Set-up was not run: ${kept.files} files that it made of this lock file on ${kept.at.slice(0, 10)} are here, after ${seconds} s.`
  await run.append('note', { type: 'set-up', state: 'shared', ok: true, text })
  return true
}

async function runSetUp(command: string, { place, means }: Job): Promise<void> {
  const { run, workshop, signal, artifacts } = means
  await run.append('note', { type: 'set-up', state: 'started', text: `Setting up: ${command}` })
  const logFile = join(run.dir, 'set-up.log')
  const ended = await runJailed(place.jail, place.policy, command, {
    timeoutMs: SET_UP_MS,
    logFile,
    signal,
    onStart: workshop.started,
  })
  const log = await artifacts.put(await readFile(logFile), { name: 'set-up.log', mediaType: 'text/plain' })
  const outcome = ended.timedOut ? 'timed out' : `ended with ${ended.exitCode}`
  const text = `Set-up ${outcome} after ${ended.seconds.toFixed(1)} s.`
  const { exitCode, timedOut } = ended
  await run.append('note', { type: 'set-up', state: 'ended', ok: exitCode === 0 && !timedOut, exitCode, text, log })
  if (ended.exitCode !== 0) throw new TerminalError(`The set-up command \`${command}\` ${outcome}:\n${ended.log.tail}`)
}

const LOCK_FILES = [
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'Cargo.lock',
  'go.sum',
  'uv.lock',
  'poetry.lock',
  'Gemfile.lock',
]

/** What set-up usually depends on: another lock file is another set-up. */
async function digestOf({ dir }: Worktree, command: string | null): Promise<string> {
  // An agent was here before: a link or a named pipe in the place of a file is none.
  const beneath = await openBeneath(dir)
  const read = async (name: string) => (await beneath.read(name).catch(() => null))?.toString() ?? null
  const locks = command ? await Promise.all(LOCK_FILES.map(read)) : []
  return createHash('sha256')
    .update(JSON.stringify([command, locks]))
    .digest('hex')
}

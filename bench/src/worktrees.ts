/** `worktrees`: a ready worktree of ours beside bare `git worktree add`, one and sixteen at once. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Repository } from '@sluice/kit/repository.ts'
import { type TestRepository, testRepository } from '@sluice/kit/testing/repository.ts'
import { makeWorktree } from '@sluice/kit/worktree.ts'
import { type Benchmark, type Look, lookFrom, say, tell } from './benchmark.ts'
import { type MachineFacts, machineFacts, machineLine } from './machine.ts'
import { columns, median, rounded, roundedAll } from './numbers.ts'
import { type DependenciesOutcome, measureDependencies } from './worktrees/dependencies.ts'

const GOAL = 1.2
const DEPENDENCIES_GOAL = 0.15

export type WorktreeCounts = { files: readonly number[]; atOnce: readonly number[]; rounds: number; installs: number }
export const full: WorktreeCounts = { files: [500, 2_800], atOnce: [1, 16, 50], rounds: 5, installs: 3 }
export const quick: WorktreeCounts = { files: [500], atOnce: [1, 4], rounds: 1, installs: 0 }

export type WorktreesOutcome = {
  bench: 'worktrees'
  machine: MachineFacts
  levels: {
    files: number
    atOnce: number
    /** Our time over that of bare git, the median of the rounds. */
    ratio: number
    oursMs: number
    bareMs: number
    /** Adds of bare git that failed beside others and were made again. */
    bareRetries: number
    rounds: number[]
  }[]
  /** Null where no install was measured. */
  dependencies: DependenciesOutcome | null
}

export const worktrees: Benchmark = {
  name: 'worktrees',
  summary: 'a ready worktree beside bare `git worktree add`, up to 50 at once; its dependencies beside `npm ci`',
  usage: `npm run bench -- worktrees [--quick] [--json]
  The time until every file of ${full.files.join(' and ')} is there, ours over that of bare \`git worktree add\`, in turns, ${full.atOnce.join(', ')} at once.
  Bare adds at once fail now and then; they are made again, and counted. Goal ≤ ${GOAL}. Then this checkout’s own dependencies, its lock file known,
  over \`npm ci\` on a warm cache. Goal ≤ ${DEPENDENCIES_GOAL}. \`--quick\` installs nothing.`,
  async run(args) {
    const look = lookFrom(args)
    const outcome = await measureWorktrees(look.quick ? quick : full)
    tell(look, { ...outcome, goal: GOAL, dependenciesGoal: DEPENDENCIES_GOAL }, linesOf(outcome, look))
    return 0
  },
}

export async function measureWorktrees({ files, atOnce, rounds, installs }: WorktreeCounts): Promise<WorktreesOutcome> {
  const machine = await machineFacts()
  const levels: WorktreesOutcome['levels'] = []
  for (const count of files) {
    await using repo = await testRepository()
    await repo.commit(generated(count))
    const repository = await repo.open()
    for (const many of atOnce) levels.push(await inTurns({ repo, repository, files: count, atOnce: many, rounds }))
  }
  const dependencies = installs > 0 ? await measureDependencies(installs) : null
  return roundedAll({ bench: 'worktrees' as const, machine, levels, dependencies })
}

type Turns = { repo: TestRepository; repository: Repository; files: number; atOnce: number; rounds: number }

async function inTurns({ repo, repository, files, atOnce, rounds }: Turns) {
  const [ours, bare]: [number[], number[]] = [[], []]
  let bareRetries = 0
  for (let round = 0; round < rounds; round++) {
    const name = (side: string, n: number) => `${side}-${atOnce}-${round}-${n}`
    const numbers = Array.from({ length: atOnce }, (_, n) => n)
    const at = (side: string, n: number) => join(repo.dir, name(side, n))
    ours.push(
      await timed(numbers, (n) =>
        makeWorktree({ repository, dir: at('ours', n), branch: name('ours', n), base: 'main' }),
      ),
    )
    bare.push(
      await timed(numbers, async (n) => {
        bareRetries += await addBare(repo, at('bare', n), name('bare', n))
      }),
    )
    await allThere(
      numbers.flatMap((n) => [at('ours', n), at('bare', n)]),
      files,
    )
    for (const n of numbers)
      for (const side of ['ours', 'bare']) repo.git(['worktree', 'remove', '--force', at(side, n)])
    const [we, git] = [ours, bare].map((times) => rounded(times.at(-1) ?? 0))
    say(`${files} files, ${atOnce} at once, round ${round + 1}: ours ${we} ms, bare git ${git} ms`)
  }
  const ratios = ours.map((ms, i) => ms / (bare[i] ?? Number.NaN))
  const times = { oursMs: median(ours), bareMs: median(bare) }
  return { files, atOnce, ratio: median(ratios), ...times, bareRetries, rounds: ratios }
}

async function timed(numbers: readonly number[], make: (n: number) => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await Promise.all(numbers.map(make))
  return performance.now() - start
}

const ADD_TRIES = 5

/** How often it had to be made again. */
async function addBare({ root, env }: TestRepository, dir: string, branch: string): Promise<number> {
  for (let retries = 0; ; retries++) {
    try {
      // With -B: what failed may have made the branch already.
      const add = ['worktree', 'add', '--quiet', '--force', '-B', branch, dir, 'main']
      await promisify(execFile)('git', add, { cwd: root, env })
      return retries
    } catch (error) {
      if (retries === ADD_TRIES) throw error
    }
  }
}

async function allThere(dirs: readonly string[], files: number): Promise<void> {
  for (const dir of dirs) {
    const found = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((one) =>
      one.name.endsWith('.ts'),
    )
    if (found.length !== files) throw new Error(`${dir} holds ${found.length} of ${files} files.`)
  }
}

/** Files of some 2 KB, forty to a directory: the shape of a source tree. */
function generated(count: number): Record<string, string> {
  const line = (n: number, i: number) => `export const value${n}_${i} = '${'abcdefghij'.repeat(4)}'\n`
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      `src/part${Math.floor(n / 40)}/file${n}.ts`,
      Array.from({ length: 30 }, (_, i) => line(n, i)).join(''),
    ]),
  )
}

function linesOf({ machine, levels, dependencies }: WorktreesOutcome, { quick }: Look): string[] {
  return [
    machineLine(machine),
    ...(quick ? ['QUICK: no numbers to keep.'] : []),
    '',
    ...columns([
      ['files', 'at once', 'ours ÷ bare', 'ours ms', 'bare ms', 'bare made again'],
      ...levels.map((one) => [one.files, one.atOnce, one.ratio, one.oursMs, one.bareMs, one.bareRetries]),
    ]),
    `Goal: ≤ ${GOAL}.`,
    ...(dependencies ? ['', ...dependencyLines(dependencies)] : []),
  ]
}

function dependencyLines({ files, megabytes, ...times }: DependenciesOutcome): string[] {
  return [
    `${files} files of dependencies, ${Math.round(megabytes)} MB; the first story keeps them in ${Math.round(times.keptMs)} ms`,
    ...columns([
      ['', '÷ npm ci', 'ms'],
      ['npm ci, warm', 1, times.installMs],
      ['copied', times.copiedRatio, times.copiedMs],
      ['made ahead', times.readyRatio, times.readyMs],
    ]),
    `Goal: ≤ ${DEPENDENCIES_GOAL}.`,
  ]
}

/** Dependencies of a known lock file beside `npm ci` on a warm cache: this checkout's own, as copies and ready made. */
import { execFile, execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { removeTree } from '@sluice/kit/copy-tree.ts'
import { openSharedCache } from '@sluice/kit/shared-cache.ts'
import { say } from '../benchmark.ts'
import { median } from '../numbers.ts'

const ROOT = join(import.meta.dirname, '../../..')

export type DependenciesOutcome = {
  files: number
  megabytes: number
  /** `npm ci` with everything in npm's own cache. */
  installMs: number
  /** Copied when it is asked for, over `npm ci`: the median of the rounds. */
  copiedRatio: number
  copiedMs: number
  /** Made ahead of need. */
  readyRatio: number
  readyMs: number
  /** What the first story of a lock file pays on top of its install. */
  keptMs: number
}

export async function measureDependencies(rounds: number): Promise<DependenciesOutcome> {
  const dir = await mkdtemp(join(tmpdir(), 'slc-dependencies-'))
  try {
    const project = join(dir, 'project')
    await copyManifests(project)
    const install = () => promisify(execFile)('npm', INSTALL, { cwd: project })
    await install()
    const cache = openSharedCache(join(dir, 'data'), 'bench')
    const key = 'k'.repeat(64)
    let kept = await cache.keep(key, project)
    const keptMs = await timed(async () => {
      await removeTree(join(dir, 'data'))
      kept = await cache.keep(key, project)
    })
    const [installs, copies, ready]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < rounds; round++) {
      const at = join(dir, `round-${round}`)
      for (const name of ['copied', 'ready']) await mkdir(join(at, name), { recursive: true })
      installs.push(await timed(install))
      copies.push(await timed(() => cache.restore(key, join(at, 'copied'))))
      await cache.refill(key)
      ready.push(await timed(() => cache.restore(key, join(at, 'ready'))))
      await dropSpares(cache, key, at)
      say(
        `dependencies, round ${round + 1}: npm ci ${last(installs)} ms, copied ${last(copies)} ms, ready ${last(ready)} ms`,
      )
      await removeTree(at)
    }
    const ratio = (times: readonly number[]) => median(times.map((ms, i) => ms / (installs[i] ?? Number.NaN)))
    return {
      files: kept?.files ?? 0,
      megabytes: (kept?.bytes ?? 0) / 1e6,
      installMs: median(installs),
      ...{
        copiedRatio: ratio(copies),
        copiedMs: median(copies),
        readyRatio: ratio(ready),
        readyMs: median(ready),
        keptMs,
      },
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const INSTALL = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent']

/** The next round copies again: what was made ahead of need is taken. */
async function dropSpares(cache: ReturnType<typeof openSharedCache>, key: string, at: string): Promise<void> {
  const place = join(at, 'rest')
  await mkdir(place)
  await cache.restore(key, place)
}

async function copyManifests(to: string): Promise<void> {
  const listed = execFileSync('git', ['ls-files', '*package.json', 'package-lock.json'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  for (const path of listed
    .trim()
    .split('\n')
    .filter((one) => !one.startsWith('demo/app/'))) {
    await mkdir(dirname(join(to, path)), { recursive: true })
    await cp(join(ROOT, path), join(to, path))
  }
}

const last = (times: readonly number[]): number => Math.round(times.at(-1) ?? 0)

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await act()
  return performance.now() - start
}

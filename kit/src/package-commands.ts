/** What a package.json says about checking a project, in the words of the package manager whose lock file stands beside it. */
import { z } from 'zod'
import { Refusal } from './errors.ts'
import type { Repository } from './repository.ts'

export type PackageCommands = {
  setup: string | null
  checks: { name: string; command: string }[]
  /** What the checks run, script by script: a change to it is a change of the judge. */
  scripts: Record<string, string>
}

/** Scripts that judge, in the order they are run: the quick ones first. */
const JUDGES = ['typecheck', 'lint', 'test'] as const

/** Null when there is no package.json, or none of its scripts judges anything. */
export async function packageCommands(
  repository: Pick<Repository, 'readAt' | 'listFiles'>,
  commit: string,
): Promise<PackageCommands | null> {
  const text = await repository.readAt(commit, 'package.json')
  if (text === null) return null
  const pack = understood(text)
  const scripts = Object.fromEntries(
    JUDGES.flatMap((name) => {
      const script = pack.scripts?.[name]
      return script && !isPlaceholder(script) ? [[name, script] as const] : []
    }),
  )
  if (Object.keys(scripts).length === 0) return null

  const manager = await managerOf(pack, repository, commit)
  const hasDependencies = [pack.dependencies, pack.devDependencies].some((d) => d && Object.keys(d).length > 0)
  const checks = Object.keys(scripts).map((name) => ({ name, command: manager.run(name) }))
  return { setup: manager.locked || hasDependencies ? manager.setup : null, checks, scripts }
}

/** What `npm init` writes for want of a test. */
const isPlaceholder = (script: string): boolean => /no test specified/.test(script)

const Package = z.looseObject({
  scripts: z.record(z.string(), z.string()).optional(),
  dependencies: z.record(z.string(), z.unknown()).optional(),
  devDependencies: z.record(z.string(), z.unknown()).optional(),
  packageManager: z.string().optional(),
})
type Package = z.infer<typeof Package>

function understood(text: string): Package {
  try {
    return Package.parse(JSON.parse(text))
  } catch (cause) {
    throw new Refusal(
      'The package.json of the base commit cannot be read.',
      'Mend it and commit, or add a sluice.yaml that says how the project is checked.',
      { cause },
    )
  }
}

type Manager = { name: string; locks: string[]; setup: string; run(script: string): string }

const npm: Manager = {
  name: 'npm',
  locks: ['package-lock.json', 'npm-shrinkwrap.json'],
  setup: 'npm ci',
  run: (script) => (script === 'test' ? 'npm test' : `npm run -s ${script}`),
}
const others: Manager[] = [
  {
    name: 'pnpm',
    locks: ['pnpm-lock.yaml'],
    setup: 'pnpm install --frozen-lockfile',
    run: (script) => `pnpm run ${script}`,
  },
  {
    name: 'yarn',
    locks: ['yarn.lock'],
    setup: 'yarn install --frozen-lockfile',
    run: (script) => `yarn run ${script}`,
  },
  // `bun test` would be a test runner of its own, not the script.
  {
    name: 'bun',
    locks: ['bun.lock', 'bun.lockb'],
    setup: 'bun install --frozen-lockfile',
    run: (script) => `bun run ${script}`,
  },
]

/** Without a lock file an install must not leave one behind: it would become part of the story. */
const unlocked = { ...npm, locked: false, setup: 'npm install --no-package-lock' }

async function managerOf(
  { packageManager }: Package,
  repository: Pick<Repository, 'readAt' | 'listFiles'>,
  commit: string,
): Promise<Manager & { locked: boolean }> {
  const files = new Set(await repository.listFiles(commit))
  const locked = [npm, ...others].filter((manager) => manager.locks.some((lock) => files.has(lock)))
  const named = locked.find(({ name }) => packageManager?.startsWith(`${name}@`))
  const manager = named ?? locked[0]
  if (!manager) return unlocked
  if (manager.name === 'yarn' && (await isModernYarn(repository, commit)))
    return { ...manager, locked: true, setup: 'yarn install --immutable' }
  return { ...manager, locked: true }
}

/** Yarn 2 and up write `__metadata` into their lock file, and know no `--frozen-lockfile`. */
const isModernYarn = async (repository: Pick<Repository, 'readAt'>, commit: string): Promise<boolean> =>
  (await repository.readAt(commit, 'yarn.lock'))?.includes('__metadata:') ?? false

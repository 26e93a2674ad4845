/** What a set-up that only installs packages depends on, as one hash; null where it may depend on more. */
import { createHash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { git, gitRecords } from './git.ts'
import type { Repository } from './repository.ts'
import { toolPath } from './toolchains.ts'

/** One install of one package manager, with options alone: nothing else can have left a trace in the tree. */
const ONLY_INSTALLS = /^(npm (ci|install|i)|pnpm (install|i)|yarn( install)?|bun (install|i))( --[\w-]+(=[\w.:/-]+)?)*$/

const LOCKS = [...['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb']]
const BESIDE = [
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  'pnpm-workspace.yaml',
  '.pnpmfile.cjs',
  'bunfig.toml',
  '.node-version',
  '.nvmrc',
]
/** They may read and write anything in the tree while they install. */
const RUN_BY_INSTALL = [
  ...['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare', 'dependencies'],
]

/** Of the files of `commit`, from git's objects: what stands in a worktree an agent could have changed. */
export async function dependencyKey(
  { view }: Pick<Repository, 'view'>,
  commit: string,
  command: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | null> {
  if (!ONLY_INSTALLS.test(command.trim())) return null
  const files = (await gitRecords(view, ['ls-tree', '-r', '-z', '--full-tree', commit])).map(readEntry)
  if (!files.some(({ path }) => LOCKS.includes(path))) return null

  const packages = files.filter(({ path }) => basename(path) === 'package.json')
  const manifests = (await contentsOf(view, packages)).map(installedBy)
  if (manifests.includes(null)) return null
  const others = files.filter(({ path }) => isBeside(path)).map(({ path, object }) => [path, object])
  const described = [
    ...[command.trim(), process.platform, process.arch, programs(command, env), others],
    packages.map(({ path }, i) => [path, manifests[i]]),
  ]
  return createHash('sha256').update(JSON.stringify(described)).digest('hex')
}

type Entry = { path: string; object: string }

function readEntry(record: string): Entry {
  const [about = '', path = ''] = record.split(/\t([\s\S]*)/)
  return { path, object: about.split(' ')[2] ?? '' }
}

const isBeside = (path: string): boolean =>
  LOCKS.includes(basename(path)) || BESIDE.includes(basename(path)) || /(^|\/)(patches|\.yarn)\//.test(path)

/** `git cat-file --batch`: a line with the size, that many bytes, a line's end. */
async function contentsOf(view: Repository['view'], entries: Entry[]): Promise<string[]> {
  if (entries.length === 0) return []
  const input = entries.map(({ object }) => `${object}\n`).join('')
  const { stdout } = await git(view, ['cat-file', '--batch'], { input })
  const contents: string[] = []
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf('\n', at)
    const size = Number(stdout.toString('utf8', at, end).split(' ')[2])
    contents.push(stdout.toString('utf8', end + 1, end + 1 + size))
    at = end + 1 + size + 1
  }
  return contents
}

const Names = z.record(z.string(), z.unknown()).optional()
const Manifest = z.looseObject({
  ...{ scripts: Names, dependencies: Names, devDependencies: Names, optionalDependencies: Names },
})

/** A package.json without the scripts that an install does not run; null where it runs one, or copies a directory that no lock file pins. */
function installedBy(text: string): unknown {
  const { data } = Manifest.safeParse(parsed(text))
  if (!data) return null
  const { scripts = {}, ...rest } = data
  if (RUN_BY_INSTALL.some((name) => name in scripts)) return null
  const wanted = [rest.dependencies, rest.devDependencies, rest.optionalDependencies].flatMap((all) =>
    Object.values(all ?? {}),
  )
  return wanted.some((from) => /^(file|portal):(?!.*\.(tgz|tar\.gz)$)/.test(String(from))) ? null : rest
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Packages with native code are built for one Node: which programs would have run, by where and what they are. */
function programs(command: string, env: NodeJS.ProcessEnv): unknown {
  const [manager = ''] = command.trim().split(' ')
  return ['node', manager].map((name) => {
    const file = toolPath(env)
      .map((dir) => join(dir, name))
      .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    const stats = file && statSync(file)
    return stats ? [name, realpathSync(file), stats.size, stats.mtimeMs] : [name]
  })
}

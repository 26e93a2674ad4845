/** A repository in a temporary directory for tests, driven by plain git as a person would. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openRepository, type Repository } from '../repository.ts'

export type TestRepository = AsyncDisposable & {
  /** Holds the repository, and room for worktrees beside it; removed when disposed. */
  dir: string
  root: string
  env: Record<string, string>
  /** Plain git, in the repository or at `cwd`: what it prints, or an error. */
  git(args: string[], cwd?: string): string
  /** Writes files, in the repository or under `at`. */
  write(files: Record<string, string | Buffer>, at?: string): Promise<void>
  /** Writes and commits files on what is checked out; the commit. */
  commit(files: Record<string, string | Buffer>, message?: string): Promise<string>
  open(): Promise<Repository>
}

/** So that a commit made now cannot pass for one made from another's dates. */
const LONG_AGO = { GIT_AUTHOR_DATE: '2020-01-01T10:00:00+01:00', GIT_COMMITTER_DATE: '2020-01-01T11:00:00+01:00' }

export async function testRepository(): Promise<TestRepository> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'sluice-git-')))
  const root = join(dir, 'repository')
  const env = { PATH: process.env.PATH ?? '', HOME: dir, GIT_CONFIG_NOSYSTEM: '1', ...LONG_AGO }
  const git = (args: string[], cwd = root) => execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: 'pipe' })
  const write = async (files: Record<string, string | Buffer>, at = root) => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(at, path)), { recursive: true })
      await writeFile(join(at, path), content)
    }
  }
  await mkdir(root)
  git(['init', '--quiet', '-b', 'main'])
  git(['config', 'user.name', 'Ada'])
  git(['config', 'user.email', 'ada@example.org'])

  return {
    dir,
    root,
    env,
    git,
    write,
    commit: async (files, message = 'Change') => {
      await write(files)
      git(['add', '-A'])
      git(['commit', '--quiet', '--no-verify', '-m', message])
      return git(['rev-parse', 'HEAD']).trim()
    },
    open: () => openRepository(root, env),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}

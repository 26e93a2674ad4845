/** Makes the demo's repository: Corkboard, as one first commit, with an identity of its own. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const APP = join(import.meta.dirname, '..', 'app')
export const DEMO_IDENTITY = { name: 'Sluice Demo', email: 'demo@sluice.invalid' } as const

const run = promisify(execFile)

/** A repository with branch `main` in `dir`. One that is whole already is left as it is; one that was cut short is finished. */
export async function makeDemoRepository(dir: string, { app = APP }: { app?: string } = {}): Promise<void> {
  await makeRepository(dir, 'Pin up the board', () => {
    cpSync(app, dir, { recursive: true, filter: (path) => path === app || basename(path) !== 'node_modules' })
    // npm packs no .gitignore: in the package it has no dot (pack/build.ts).
    if (existsSync(join(dir, 'gitignore'))) renameSync(join(dir, 'gitignore'), join(dir, '.gitignore'))
  })
}

/** One commit of what `fill` writes into `dir`; a repository that is whole already is left as it is. */
export async function makeRepository(dir: string, message: string, fill: () => void): Promise<void> {
  if (await hasCommit(dir)) return
  mkdirSync(dir, { recursive: true })
  fill()
  await git(dir, 'init', '--quiet', '--initial-branch=main')
  // In the repository, so that commits work where the person has no identity, and never carry theirs.
  await git(dir, 'config', 'user.name', DEMO_IDENTITY.name)
  await git(dir, 'config', 'user.email', DEMO_IDENTITY.email)
  await git(dir, 'config', 'commit.gpgSign', 'false')
  await git(dir, 'add', '--all')
  await git(dir, 'commit', '--quiet', '--message', message)
}

async function hasCommit(dir: string): Promise<boolean> {
  if (!existsSync(join(dir, '.git'))) return false
  return git(dir, 'rev-parse', '--verify', '--quiet', 'HEAD').then(
    () => true,
    () => false,
  )
}

/** The person's own hooks, templates and settings have no part in it. */
async function git(dir: string, ...args: string[]): Promise<string> {
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...env } = process.env
  const settings = ['-c', 'core.hooksPath=/dev/null', '-c', 'init.templateDir=']
  const { stdout } = await run('git', [...settings, ...args], {
    cwd: dir,
    env: { ...env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  })
  return stdout.trim()
}

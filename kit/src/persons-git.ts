/** simple-git on the person's own repository, in their own environment, hooks and fsmonitor off; it never sees a tree an agent can write. */
import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type SimpleGit, simpleGit } from 'simple-git'
import { Refusal } from './errors.ts'

export type Env = Record<string, string | undefined>

/** Where the person's config is found; every other `GIT_*` would send git elsewhere or start something. */
const CONFIG_FILES = ['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']

export function personsGit(baseDir: string, env: Env): SimpleGit {
  return simpleGit({
    baseDir,
    config: ['core.hooksPath=/dev/null', 'core.fsmonitor=false'],
    unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeConfigPaths: true },
    allowEnvironment: CONFIG_FILES,
  }).env(personsEnv(env))
}

/** The person's environment as git needs it: home, PATH and config; no directories, no editors, no tracing. */
export function personsEnv(env: Env): Record<string, string> {
  const theirs = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      (CONFIG_FILES.includes(entry[0]) || !/^(GIT_|SSH_ASKPASS|EDITOR|VISUAL|PAGER|PREFIX|DISPLAY)/.test(entry[0])),
  )
  return { ...Object.fromEntries(theirs), LC_ALL: 'C' }
}

/** The working tree around `path`, or a Refusal: no git, one older than 2.38, no repository, a bare one. */
export async function rootOf(path: string, env: Env): Promise<string> {
  const at = await realpath(resolve(path)).catch(() =>
    refuse(`There is no ${resolve(path)}.`, 'Name a directory that exists.'),
  )
  const own = personsGit(at, env)
  const version = await own.version()
  if (!version.installed) refuse('git is not installed.', 'Install git 2.38 or newer.')
  if (version.major < 2 || (version.major === 2 && version.minor < 38)) {
    refuse(`git ${version.major}.${version.minor} is too old.`, 'Install git 2.38 or newer.')
  }

  const answer = await own.raw('rev-parse', '--is-bare-repository', '--show-toplevel').catch(String)
  if (answer.startsWith('false\n')) return answer.slice('false\n'.length).replace(/\n$/, '')
  if (/must be run in a work tree/.test(answer)) refuse(`${at} is a bare repository.`, 'Clone it, and name the clone.')
  if (/dubious ownership/.test(answer)) {
    refuse(`${at} belongs to another user.`, `If you trust it: git config --global --add safe.directory ${at}`)
  }
  return refuse(`${at} is not a git repository.`, 'Make it one: git init && git add -A && git commit -m "Begin".')
}

function refuse(problem: string, mend: string): never {
  throw new Refusal(problem, mend)
}

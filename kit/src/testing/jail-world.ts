/** A small machine to break out into: a home with a secret, a repository with a credential, a data directory with a token. */
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Jail } from '../jail.ts'
import { findOnPath } from './find.ts'

export const SECRET = 'planted-secret'

export const jailed = (): Jail => ({ kind: 'bubblewrap', path: findOnPath('bwrap') })
export const unjailed: Jail = { kind: 'none', problem: 'This test wants to see what happens without one.' }

export type JailWorld = Disposable & Record<'root' | 'home' | 'repository' | 'worktree' | 'data' | 'log', string>

/** Makes it, and makes its home this process's until it is disposed of. */
export function jailWorld(): JailWorld {
  const root = mkdtempSync(join(tmpdir(), 'slc-world-'))
  const at = (...path: string[]): string => join(root, ...path)
  const before = { HOME: process.env.HOME, SLUICE_CACHE: process.env.SLUICE_CACHE }
  for (const dir of ['home', 'data', 'repository']) mkdirSync(at(dir))
  writeFileSync(at('home/secret'), SECRET)
  writeFileSync(at('data/token'), SECRET)
  repositoryAt(at('repository'))
  git(at('repository'), 'worktree', 'add', '-q', '-b', 'story', at('data/worktree'))
  git(at('repository'), 'worktree', 'add', '-q', '-b', 'other', at('data/other'))
  Object.assign(process.env, { HOME: at('home'), SLUICE_CACHE: at('cache') })
  return {
    ...{ root, home: at('home'), repository: at('repository'), data: at('data') },
    ...{ worktree: at('data/worktree'), log: at('log') },
    [Symbol.dispose]() {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function repositoryAt(dir: string): void {
  git(dir, 'init', '-q', '-b', 'main')
  writeFileSync(join(dir, 'file.txt'), 'one\n')
  git(dir, 'add', '.')
  git(dir, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-q', '-m', 'Begin')
  git(dir, 'remote', 'add', 'origin', `https://ada:${SECRET}@example.com/repository.git`)
}

function git(cwd: string, ...args: string[]): void {
  const env = { PATH: process.env.PATH, HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' }
  execFileSync('git', args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Processes with this command in their command line; only those of `among` when given. */
export function processesWith(command: string, among?: number[]): number[] {
  const pids = among ?? readdirSync('/proc').map(Number)
  return pids.filter((pid) => pid > 0 && pid !== process.pid && commandLine(pid).includes(command))
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return '' // it ended meanwhile
  }
}

/** A command that lasts longer than any test; of one length, so that none is the beginning of another's. */
export const longSleep = (): string => `sleep 86400.${randomInt(10 ** 11, 10 ** 12)}`

/** Whether the person's `claude` works here: it is found, starts and says its version, and has something to be let in by. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Probe } from '../../engine.ts'
import { Refusal } from '../../errors.ts'
import { programSight } from '../../program-sight.ts'
import { resolveJail } from '../../resolve/jail.ts'
import { type ClaudeCodeSettings, credentialsFile } from './settings.ts'

const VERSION_MS = 15_000
/** Hooks of type http, PostToolBatch and prompts on the command line are known of it. */
const OLDEST = [2, 1, 300] as const

const INSTALL =
  'Install Claude Code (https://claude.com/claude-code), or name it under engines: { claude-code: { command: [...] } }.'

export async function probeClaudeCode(settings: ClaudeCodeSettings): Promise<Probe> {
  const { command } = settings
  try {
    const version = await versionOf(programSight(command).command)
    if (!version) return { ok: false, problem: `${command[0]} does not say a version.`, mend: INSTALL }
    if (isOlder(version))
      return {
        ok: false,
        problem: `Claude Code is ${version}, older than ${OLDEST.join('.')}.`,
        mend: 'Run `claude update`.',
      }
    return await held(settings, version)
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: `There is no program ${command[0]}.`, mend: INSTALL }
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { ok: false, problem: `${command[0]} does not start: ${why}.`, mend: INSTALL }
  }
}

/** What lets it in to a model, and what it works in. */
async function held(settings: ClaudeCodeSettings, version: string): Promise<Probe> {
  const jail = await resolveJail()
  const where = jail.kind === 'none' ? 'without a jail' : `in a jail (${jail.kind})`
  if (settings.auth !== 'login') return { ok: true, version: `${version}, by the gateway's key, ${where}` }
  const file = credentialsFile(settings)
  if (!existsSync(file))
    return {
      ok: false,
      problem: `There is no login in ${file}.`,
      mend: 'Run `claude` and log in (/login), or set auth: key.',
    }
  if (jail.kind === 'none')
    return { ok: false, problem: `${jail.problem} A login is handed to nobody without one.`, mend: jail.mend }
  return { ok: true, version: `${version}, by your login in ${file}, ${where}` }
}

/** `2.1.330 (Claude Code)`; null where it says something else. */
export async function versionOf([file = '', ...args]: readonly string[]): Promise<string | null> {
  const { PATH = '', HOME = '' } = process.env
  const said = await promisify(execFile)(file, [...args, '--version'], { timeout: VERSION_MS, env: { PATH, HOME } })
  return /^(\d+\.\d+\.\d+)/.exec(said.stdout)?.[1] ?? null
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number)
  const at = OLDEST.findIndex((oldest, i) => parts[i] !== oldest)
  return at >= 0 && (parts[at] ?? 0) < (OLDEST[at] ?? 0)
}

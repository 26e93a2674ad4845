/** A configuration directory of its own for the run's `claude`: the dialogs of a first start answered, its conversations kept with the run. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { OwnServers } from '../../mcp/own-servers.ts'
import { PLACEHOLDER_KEY } from './command.ts'

const Kept = z.looseObject({ projects: z.record(z.string(), z.looseObject({})).default({}) })

/** Made anew before each start: what the program keeps there of its own stays. */
export function prepareConfigDir(dir: string, cwd: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, '.claude.json')
  const kept = Kept.parse(existsSync(file) ? readJson(file) : {})
  const trusted = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true }
  const paths = [...new Set([cwd, realpathSync(cwd)])]
  const config = {
    ...kept,
    ...{ hasCompletedOnboarding: true, theme: 'dark', bypassPermissionsModeAccepted: true },
    customApiKeyResponses: { approved: [PLACEHOLDER_KEY.slice(-20)], rejected: [] },
    projects: {
      ...kept.projects,
      ...Object.fromEntries(paths.map((path) => [path, { ...kept.projects[path], ...trusted }])),
    },
  }
  // Whole or not at all: a start that is killed here leaves what was there.
  writeFileSync(`${file}.new`, JSON.stringify(config), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {} // killed while it wrote
  }
}

/** Names MCP servers of the person's; null where there are none. For as long as the program lives, since they may hold secrets. */
export function writeMcpFile(dir: string, servers: OwnServers['servers']): string | null {
  if (servers.length === 0) return null
  const mcpServers = servers.map(({ name, ...server }) => [name, { type: 'stdio', ...server }])
  writeFileSync(mcpFile(dir), JSON.stringify({ mcpServers: Object.fromEntries(mcpServers) }), { mode: 0o600 })
  return mcpFile(dir)
}
export const removeMcpFile = (dir: string): void => rmSync(mcpFile(dir), { force: true })
const mcpFile = (dir: string): string => join(dir, 'mcp-servers.json')

/** The file in which it keeps the conversation with this id; null where it has none yet. */
export function transcriptFile(dir: string, session: string): string | null {
  const projects = join(dir, 'projects')
  if (!existsSync(projects)) return null
  const files = readdirSync(projects).map((project) => join(projects, project, `${session}.jsonl`))
  return files.find((file) => existsSync(file)) ?? null
}

/** A file without a word of the person's side cannot be gone on from, and stands in the way of a new one. */
export function canResume(dir: string, session: string): boolean {
  const file = transcriptFile(dir, session)
  if (!file) return false
  if (/^\{.*"type":"user"/m.test(readFileSync(file, 'utf8'))) return true
  rmSync(file)
  return false
}

/** The agents of others that tests drive (`test/agents`): installed into the cache once for each lock file, never part of what users install. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Refusal } from '../errors.ts'
import { cacheDir } from '../paths.ts'
import { placeOnce } from './place-once.ts'

const WANTED = fileURLToPath(new URL('../../../test/agents', import.meta.url))
const FILES = ['package.json', 'package-lock.json']
/** Some of them weigh hundreds of megabytes. */
const INSTALL_MS = 15 * 60_000

/** Where they are, or would be: another lock file is another place. */
export function agentsPlace(cache = cacheDir()): string {
  const lock = createHash('sha256')
    .update(readFileSync(join(WANTED, 'package-lock.json')))
    .digest('hex')
  return join(cache, 'agents', `${lock.slice(0, 16)}-${process.platform}-${process.arch}`)
}

/** The program of this name that their packages bring. */
export function agentProgram(name: string): string {
  const program = join(agentsPlace(), 'node_modules', '.bin', name)
  if (existsSync(program)) return program
  throw new Refusal(`There is no ${name} among the agents for tests.`, 'Run `node bin/setup.js --agents`.')
}

export async function resolveAgents(say: (line: string) => void): Promise<string> {
  const place = agentsPlace()
  if (existsSync(place)) return place
  say('fetching the agents that tests drive …')
  await placeOnce(place, async (scratch) => {
    const made = join(scratch, 'agents')
    await mkdir(made)
    for (const file of FILES) await copyFile(join(WANTED, file), join(made, file))
    await install(made)
    return made
  })
  say('fetched the agents that tests drive')
  return place
}

async function install(dir: string): Promise<void> {
  // Install scripts bring the programs themselves: what is installed, and at which version, stands in the lock file.
  // Not `ci`: a registry may lack the programs for other systems, and then the lock file cannot name them.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts=false']
  try {
    await promisify(execFile)('npm', args, { cwd: dir, timeout: INSTALL_MS, maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    const why = stderr.trim().split('\n').slice(0, 3).join(' ') || String(error)
    throw new Refusal(
      `The agents for tests could not be installed: ${why}`,
      'Look at the network, then run the same command again.',
      {
        cause: error,
      },
    )
  }
}

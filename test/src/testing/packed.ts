/** Sluice as npm gives it to somebody: packed from this checkout, installed into an empty folder, with nothing in their HOME. */
import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const run = promisify(execFile)

export type Packed = Awaited<ReturnType<typeof packAndInstall>>

export async function packAndInstall() {
  const dir = await mkdtemp(join(tmpdir(), 'slc-packed-'))
  const [folder, home] = [join(dir, 'folder'), join(dir, 'home')]
  await Promise.all([mkdir(folder), mkdir(home)])
  const { files, filename } = await pack(dir)
  const env = strangersEnv(home)
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(dir, filename)], {
    cwd: folder,
    env,
  })
  return {
    ...{ files, home },
    sluice: (...args: string[]) =>
      spawn(join(folder, 'node_modules', '.bin', 'sluice'), args, {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
  }
}

type Packing = { filename: string; files: { path: string }[] }

async function pack(dir: string): Promise<{ filename: string; files: string[] }> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir], { cwd: ROOT, maxBuffer: 16 << 20 })
  // npm's own words come after what the build says, and have had two shapes.
  const said = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as Packing[] | Record<string, Packing>
  const [packed] = Object.values(said)
  if (!packed) throw new Error(`npm packed nothing: ${stdout}`)
  return { filename: packed.filename, files: packed.files.map(({ path }) => path) }
}

// How this machine reaches its registry is kept, what npm says of this checkout is not.
const OURS =
  /^(npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix)|SLUICE_|XDG_|ANTHROPIC_|INIT_CWD$)/i

/** The system's own Node and npm, not those of this checkout; what is in npm's cache need not be fetched again. */
function strangersEnv(home: string): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.startsWith(join(ROOT, 'node_modules')))
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name))
  const cache = process.env.npm_config_cache ?? join(homedir(), '.npm')
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), HOME: home, npm_config_cache: cache }
}

/** The services of `docker-compose.yml` as processes: the same commands, environments and order, the volume a folder of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { type ComposeService, ROOT, readCompose } from './compose-file.ts'

const VOLUME = '/var/lib/sluice'
const KEPT = '/tmp/kept'

type Place = { dir: string; repository: string }

export async function openComposed({ dir, repository }: Place, env: NodeJS.ProcessEnv) {
  await using stack = new AsyncDisposableStack()
  const volume = join(dir, 'volume')
  await mkdir(join(volume, 'home'), { recursive: true, mode: 0o700 })
  const port = await sixFreePorts()
  const { services } = readCompose({ ...env, SLUICE_REPOSITORY: repository, SLUICE_PORT: String(port) })
  const here = (text: string) => text.replaceAll(VOLUME, volume).replaceAll(KEPT, join(dir, 'kept'))
  const logs = new Map<string, string>()

  function start(name: string): ChildProcess {
    const service = services[name]
    if (!service) throw new Error(`There is no service ${name}.`)
    const [program = '', ...args] = argvOf(service).map(here)
    const child = spawn(program, args, { cwd: ROOT, env: envOf(service), stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => logs.set(name, `${logs.get(name) ?? ''}${chunk}`))
    stack.defer(() => end(child))
    return child
  }

  function envOf({ environment }: ComposeService): NodeJS.ProcessEnv {
    const given = Object.entries(environment).map(([name, value]) => [name, value === null ? env[name] : here(value)])
    return { PATH: process.env.PATH, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) }
  }

  const [code] = await once(start('prepare'), 'exit')
  if (code !== 0) throw new Error(`prepare ended with ${code}: ${logs.get('prepare')}`)
  start('broker')
  start('keep')
  await appears(join(dir, 'kept'))
  const others = Object.keys(services).filter(
    (name) => !['prepare', 'broker', 'keep'].includes(name) && services[name]?.profiles.length === 0,
  )
  for (const name of others) start(name)

  const things = stack.move()
  return {
    ...{ others, dataDir: join(volume, 'work'), origin: `http://127.0.0.1:${port}` },
    log: (name: string) => logs.get(name) ?? '',
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

/** What is built into the image stands here as its source; `sluice` is on the image's PATH. */
function argvOf({ command: [program = '', ...args] }: ComposeService): string[] {
  if (program === 'sluice') return [process.execPath, 'cli/src/sluice.ts', ...args]
  if (program !== 'node') return [program, ...args]
  return [process.execPath, ...args.map((arg) => sourceOf(arg))]
}

export const sourceOf = (built: string): string => built.replace(/^dist\//, '').replace(/\.js$/, '.ts')

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

async function appears(file: string): Promise<void> {
  const watcher = watch(dirname(file))
  try {
    while (!existsSync(file)) await once(watcher, 'change', { signal: AbortSignal.timeout(90_000) })
  } finally {
    watcher.close()
  }
}

async function sixFreePorts(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const address = probe.address()
    probe.close()
    const first = address && typeof address === 'object' ? address.port : 0
    if (first < 65_530 && (await Promise.all([0, 1, 2, 3, 4, 5].map((i) => isFree(first + i)))).every(Boolean))
      return first
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1')
  try {
    await once(probe, 'listening')
    return true
  } catch {
    return false
  } finally {
    probe.close()
  }
}

/** Looks at what else must be there: a key, a place for data with room in it, a loopback to listen on, who runs already. */

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { configFile } from '@sluice/kit/paths.ts'
import { limitsLines, readLimits } from '../limits-lines.ts'
import { restOf } from '../rest.ts'
import { runningHouses } from '../running-house.ts'
import { readSettings } from '../settings.ts'
import { type Check, missing, ok, orRefusal, warning } from './check.ts'

type Env = Record<string, string | undefined>

/** Never printed; that it was pasted with a blank or a quote can be seen all the same. */
export function key(env: Env): Check {
  const name = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'].find((variable) => env[variable])
  const upstream = env.ANTHROPIC_BASE_URL ? `, for ${env.ANTHROPIC_BASE_URL}` : ''
  if (name && /[\s'"]/.test(env[name] ?? ''))
    return warning(
      'key',
      `${name} holds a blank or a quote: no key has one.`,
      'Set it again, without what was pasted beside it.',
    )
  if (name) return ok('key', `${name} is set${upstream}`)
  return warning(
    'key',
    'No key is set: the demo needs none, your own repositories do.',
    'Set ANTHROPIC_API_KEY to a key from https://platform.claude.com before `sluice up --repo PATH`.',
  )
}

/** Where WSL2 mounts them. */
export const isWindowsDrive = (dir: string, env: Env = process.env): boolean =>
  Boolean(env.WSL_DISTRO_NAME) && /^\/mnt\/[a-z](\/|$)/.test(dir)

/** Tried by writing: what permissions say and what a file system does are two things. */
export async function dataDirectory(dir: string): Promise<Check> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const yard = await mkdtemp(join(dir, '.doctor-'))
    await writeFile(join(yard, 'written'), 'written').finally(() => rm(yard, { recursive: true, force: true }))
    if (isWindowsDrive(dir))
      return warning(
        'data directory',
        `${dir} lies on a drive of Windows: file locks and permissions do not hold there.`,
        'Set SLUICE_DATA to a directory of the Linux side, such as ~/.local/share/sluice.',
      )
    return ok('data directory', dir)
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error)
    return missing(
      'data directory',
      `${dir} cannot be written (${why}).`,
      'Set SLUICE_DATA to a directory you may write.',
    )
  }
}

const LEAST_BYTES = 200e6
const GOOD_BYTES = 2e9

export async function diskSpace(dir: string): Promise<Check> {
  const stats = await statfs(dir).catch(() => null)
  if (!stats)
    return warning('disk space', `How much is free at ${dir} cannot be told.`, 'Mend the data directory first.')
  return roomFor(stats.bavail * stats.bsize, dir)
}

export function roomFor(free: number, dir: string): Check {
  const says = `${(free / 1e9).toFixed(1)} GB free at ${dir}`
  const mend = 'Make room, or set SLUICE_DATA to a directory on another disk.'
  if (free < LEAST_BYTES) return missing('disk space', `${says}: too little to keep events.`, mend)
  return free < GOOD_BYTES
    ? warning('disk space', `${says}: worktrees of some stories fill that.`, mend)
    : ok('disk space', says)
}

/** The page lives on 127.0.0.1, what agents wrote on localhost: both names must lead to this machine. */
export async function loopback(): Promise<Check> {
  const server = createServer((socket) => socket.end())
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const socket = connect({
      port: address !== null && typeof address === 'object' ? address.port : 0,
      host: 'localhost',
    })
    await once(socket, 'connect', { signal: AbortSignal.timeout(5_000) })
    socket.destroy()
    return ok('ports', 'free ones on 127.0.0.1, which localhost leads to')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error)
    return missing(
      'ports',
      `Nothing can be served on 127.0.0.1 and reached as localhost (${why}).`,
      'Let /etc/hosts say `127.0.0.1 localhost`, and let the loopback interface be up.',
    )
  } finally {
    server.close()
  }
}

/** A setting that is misspelt is refused by `up` too. */
export const settings = (file = configFile()): Promise<Check> =>
  orRefusal('settings', missing, async () => {
    const { model, budget } = readSettings(file)
    const from = existsSync(file) ? file : `defaults, there is no ${file}`
    return ok('settings', `${model}, $${budget.usd} a story (${from})`)
  })

/** What is sent anywhere beside the model is told. */
export function telemetry(env: Env): Check {
  const to = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!to)
    return ok('telemetry', 'none: traces stay on this machine (OTEL_EXPORTER_OTLP_ENDPOINT sends them somewhere)')
  if (URL.canParse(to)) return ok('telemetry', `spans without content are sent to ${to}`)
  return warning(
    'telemetry',
    `OTEL_EXPORTER_OTLP_ENDPOINT is no address: ${to}.`,
    'Name one like http://127.0.0.1:4318.',
  )
}

export async function running(dir: string): Promise<Check> {
  const houses = await runningHouses(dir)
  const each = houses.map(({ which, origin, root, pid }) => `${which} at ${origin} for ${root} (process ${pid})`)
  return ok('running', each.join(', ') || 'no Sluice yet: `npm start` or `sluice up` starts one')
}

/** Of those that run: what their gateway holds, and how full a plan is. Nothing where none runs. */
export async function modelCalls(dir: string): Promise<Check[]> {
  const houses = await runningHouses(dir)
  return Promise.all(
    houses.map(async (house) => {
      const name = `calls (${house.which})`
      const limits = await readLimits(restOf({ ...house, patienceMs: 0 }))
      if (!limits) return warning(name, 'The gateway does not answer.', 'Look at `sluice services`.')
      const says = limitsLines(limits).join(' ')
      const until = limits.held
        .map((one) => one.until)
        .sort()
        .at(-1)
      return until ? warning(name, says, `Nothing needs doing: they go on by themselves at ${until}.`) : ok(name, says)
    }),
  )
}

/** A broker of a test's own: up in a tenth of a second, gone with the test. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brokerConfig, prepareBroker } from '../broker.ts'
import { type Bus, connectBus } from '../bus.ts'
import { otherUsers, permissionsOf, type RoleShape } from '../permissions.ts'

export type TestBroker = AsyncDisposable & {
  url: string
  websocket: string
  dir: string
  /** The server's process. */
  pid(): number
  connect(user: string): Promise<Bus>
  /** Stops the server; `restart` brings it back. */
  stop(): Promise<void>
  /** Stops and starts the server on its files. */
  restart(): Promise<void>
}

/** Every role's user has the permissions it would have under `up`; the password is the name. */
export async function startBroker(
  roles: readonly RoleShape[],
  options: { ackWaitMs?: number; origins?: string[] } = {},
): Promise<TestBroker> {
  const dir = await mkdtemp(join(tmpdir(), 'slc-broker-'))
  const [port, wsPort] = [await freePort(), await freePort()]
  const users = [
    ...roles.map((role) => ({ name: role.name, password: role.name, permissions: permissionsOf(role) })),
    ...Object.entries(otherUsers).map(([name, permissions]) => ({ name, password: name, permissions })),
  ]
  const file = join(dir, 'nats.conf')
  const websocket = { port: wsPort, allowedOrigins: options.origins ?? [] }
  await writeFile(file, brokerConfig({ port, storeDir: join(dir, 'js'), websocket, users }))
  const url = `127.0.0.1:${port}`
  let server = await run(file)

  await using admin = await connectBus({ url, user: 'supervisor', password: 'supervisor' })
  await prepareBroker(admin.nc, roles, options.ackWaitMs ? { ackWaitMs: options.ackWaitMs } : {})

  const open: Bus[] = []
  return {
    url,
    websocket: `ws://127.0.0.1:${wsPort}`,
    dir,
    pid: () => server.pid ?? 0,
    async connect(user) {
      const bus = await connectBus({ url, user, password: user })
      open.push(bus)
      return bus
    },
    stop: () => stop(server),
    async restart() {
      await stop(server)
      server = await run(file)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((bus) => bus.nc.close()))
      await stop(server)
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function run(file: string) {
  const server = spawn('nats-server', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  await new Promise<void>((ready, refuse) => {
    let log = ''
    server.stderr.on('data', (chunk: Buffer) => {
      log += chunk
      if (log.includes('Server is ready')) ready()
    })
    server.once('error', refuse)
    server.once('exit', () => refuse(new Error(`nats-server did not start:\n${log}`)))
  })
  server.stderr.removeAllListeners('data').resume()
  return server
}

async function stop(server: Awaited<ReturnType<typeof run>>): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const gone = once(server, 'exit')
  server.kill('SIGTERM')
  await gone
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

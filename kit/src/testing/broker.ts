/** A broker of a test's own: up in a tenth of a second, gone with the test. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brokerConfig, prepareBroker } from '../broker.ts'
import { type Bus, connectBus } from '../bus.ts'
import { otherUsers, permissionsOf, type RoleShape } from '../permissions.ts'
import { runServer } from './broker-server.ts'

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
  let server = await runServer(file)

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
    stop: () => server.stop(),
    async restart() {
      await server.stop()
      server = await runServer(file)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((bus) => bus.nc.close()))
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
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

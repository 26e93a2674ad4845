/** A broker over a data directory that no house holds, for as long as its streams are copied. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { brokerConfig } from '@sluice/kit/broker.ts'
import { type Bus, connectBus } from '@sluice/kit/bus.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import { otherUsers } from '@sluice/kit/permissions.ts'
import { resolveBroker } from '@sluice/kit/resolve/broker.ts'
import { thisMachine } from '@sluice/kit/resolve/machine.ts'
import { guarded } from '../guard.ts'
import { choosePorts } from '../ports.ts'
import { makePrivateDir, writePrivate } from '../private-file.ts'

export type PrivateBroker = AsyncDisposable & { bus: Bus }

/** `dir` is a house's directory; its streams lie below `bus/js`. Nobody but this process knows the password. */
export async function openPrivateBroker(dir: string): Promise<PrivateBroker> {
  await using stack = new AsyncDisposableStack()
  const machine = thisMachine()
  const { path } = await resolveBroker(machine)
  const { ports, claim } = await choosePorts(join(machine.cache, 'ports'), 0)
  stack.use(claim)
  const supervisor = { name: 'supervisor', password: randomBytes(24).toString('base64url') }
  const file = join(dir, 'bus', 'copy.conf')
  for (const place of [dir, join(dir, 'bus')]) makePrivateDir(place)
  const users = [{ ...supervisor, permissions: otherUsers.supervisor ?? { publish: ['>'], subscribe: ['>'] } }]
  writePrivate(file, brokerConfig({ port: ports.broker, storeDir: join(dir, 'bus', 'js'), users }))

  const [program = '', ...args] = guarded([path, '-c', file])
  const server = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  const gone = once(server, 'exit')
  stack.defer(async () => {
    // Asked, not killed: it writes down where its streams stand.
    server.kill('SIGTERM')
    await gone
  })
  await ready(server.stderr, gone)
  const bus = await connectBus({
    url: `127.0.0.1:${ports.broker}`,
    user: supervisor.name,
    password: supervisor.password,
  })
  stack.use(bus)
  const opened = stack.move()
  return { bus, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

async function ready(stderr: NodeJS.ReadableStream, gone: Promise<unknown>): Promise<void> {
  let said = ''
  const up = new Promise<void>((resolve) => {
    stderr.on('data', (chunk: Buffer) => {
      said += chunk
      if (said.includes('Server is ready')) resolve()
    })
  })
  const ended = gone.then(() => {
    throw new Refusal(`The broker did not start: ${said.trim().split('\n').at(-1)}.`, 'Look at `sluice doctor`.')
  })
  await Promise.race([up, ended])
}

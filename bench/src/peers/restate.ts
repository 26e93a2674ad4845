/** Restate: a story is one invocation with eight durable steps, `ctx.run` each, on its own server with its own durable log. */
import { join } from 'node:path'
import { freePort } from '@sluice/kit/testing/broker.ts'
import { startChild } from '../child.ts'
import { openMany } from '../line/many.ts'
import type { Side } from '../slices.ts'
import { npmPackages } from './fetched.ts'
import { startServer } from './server.ts'

export const RESTATE = ['@restatedev/restate-server@1.7.12', '@restatedev/restate-sdk@1.17.2'] as const

export async function openRestate(padding: string): Promise<Side & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const place = await npmPackages('restate', RESTATE)
  const [ingress, admin, node, endpoint] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const program = `node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`
  const server = stack.use(
    await startServer({
      command: () => [join(place, program)],
      env: (dir) => ({
        RESTATE_BASE_DIR: join(dir, 'data'),
        RESTATE_DISABLE_TELEMETRY: 'true',
        RESTATE_LOG_FILTER: 'warn',
        RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
        RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
        RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      }),
      isUp: async () => (await fetch(`http://127.0.0.1:${admin}/health`)).ok,
    }),
  )
  const worker = stack.use(
    await startChild(new URL('./restate-worker.ts', import.meta.url), { place, port: endpoint, padding }),
  )
  await post(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${endpoint}` })

  const many = openMany(async (id) => {
    await post(`http://127.0.0.1:${ingress}/story/tell`, { id, text: padding })
    many.ended(id)
  })
  const things = stack.move()
  return {
    many,
    pids: { server: server.pid, workers: worker.pid, driver: process.pid },
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await reply.text()
  if (!reply.ok) throw new Error(`Restate says ${reply.status}: ${text.slice(0, 200)}`)
}

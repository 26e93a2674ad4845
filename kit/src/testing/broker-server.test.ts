/** Which nats-server a test gets. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { brokerConfig } from '../broker.ts'
import { freePort } from './broker.ts'
import { runServer } from './broker-server.ts'

test('a container is wanted and no Docker answers: the program on PATH serves, and it is said', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slc-server-'))
  const [file, port] = [join(dir, 'nats.conf'), await freePort()]
  const permissions = { publish: ['>'], subscribe: ['>'] }
  const users = [{ name: 'anybody', password: 'anybody', permissions }]
  await writeFile(file, brokerConfig({ port, storeDir: join(dir, 'js'), users }))
  const said: string[] = []

  const server = await runServer(file, {
    env: { ...process.env, SLUICE_TEST_BROKER: 'container' },
    say: (line) => said.push(line),
    docker: () => Promise.reject(new Error('nobody there')),
  })
  const nc = await connect({ servers: `127.0.0.1:${port}`, user: 'anybody', pass: 'anybody' })
  await nc.close()
  await server.stop()
  await rm(dir, { recursive: true })

  expect(said).toEqual([
    expect.stringMatching(/no Docker answers \(Error: nobody there\): nats-server on PATH is used/),
  ])
})

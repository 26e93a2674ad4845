/** The nats-server under a test's broker: the program on PATH or, where SLUICE_TEST_BROKER=container asks for it, the official image. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import type { GenericContainer } from 'testcontainers'

export type Server = {
  /** Where it is a process of this machine. */
  pid?: number | undefined
  stop(): Promise<void>
}

/** The newest of the official ones; SLUICE_TEST_BROKER_IMAGE names another. */
const IMAGE = 'nats:2'

type Containers = { container(image: string): GenericContainer }
type Asked = { env?: NodeJS.ProcessEnv; say?(line: string): void; docker?(): Promise<Containers> }

/** Resolves when the server with that configuration, all of whose files lie beside it, is ready. */
export async function runServer(file: string, { env = process.env, say = warn, docker = ofDocker }: Asked = {}) {
  if (env.SLUICE_TEST_BROKER !== 'container') return await runProgram(file)
  const containers = await docker().catch((error: unknown) => {
    say(`SLUICE_TEST_BROKER=container, but no Docker answers (${error}): nats-server on PATH is used instead.`)
  })
  if (!containers) return await runProgram(file)
  return await runContainer(file, containers.container(env.SLUICE_TEST_BROKER_IMAGE ?? IMAGE))
}

const warn = (line: string) => void process.stderr.write(`${line}\n`)

/** Loaded on demand: it is large, and few tests ask for it. */
async function ofDocker(): Promise<Containers> {
  const { GenericContainer: Container, getContainerRuntimeClient } = await import('testcontainers')
  await getContainerRuntimeClient()
  return { container: (image) => new Container(image) }
}

/** On the machine's own network, its files under their own names: the same configuration serves either way. */
async function runContainer(file: string, image: GenericContainer): Promise<Server> {
  const { Wait } = await import('testcontainers')
  const dir = dirname(file)
  const container = await image
    .withNetworkMode('host')
    .withBindMounts([{ source: dir, target: dir, mode: 'rw' }])
    .withUser(`${process.getuid?.()}:${process.getgid?.()}`)
    .withCommand(['-c', file])
    .withWaitStrategy(Wait.forLogMessage('Server is ready'))
    .start()
  let stopping: Promise<unknown> | undefined
  return {
    async stop() {
      stopping ??= container.stop({ timeout: 10_000 })
      await stopping
    },
  }
}

async function runProgram(file: string): Promise<Server> {
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
  return {
    pid: server.pid,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return
      const gone = once(server, 'exit')
      server.kill('SIGTERM')
      await gone
    },
  }
}

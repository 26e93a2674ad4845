/** A broker as its makers released it, from a server of the test's own: the right bytes or none. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bareMachine } from '../testing/bare-machine.ts'
import { findOnPath } from '../testing/find.ts'
import { resolveBroker } from './broker.ts'
import { natsArchive } from './nats-release.ts'
import { resolveTool, type Tool } from './tool.ts'

test('where no package archive has it, the release is taken, and kept', async () => {
  await using world = await releaseWorld()

  const first = await resolveTool(world.tool, world.machine)
  const second = await resolveTool(world.tool, world.machine)

  expect(first).toMatchObject({ version: '2.14.5', source: 'release' })
  expect(second).toEqual({ ...first, source: 'cache' })
  expect(world.asked).toHaveLength(1)
})

test('other bytes than those that were released are refused, and nothing of them is left', async () => {
  await using world = await releaseWorld()

  // The pinned sum is that of the real archive, and this server sends its own.
  const refused = resolveBroker({ ...world.machine, env: { ...world.machine.env, SLUICE_NATS_RELEASES: world.url } })

  await expect(refused).rejects.toThrow(/linux-amd64\.tar\.gz is not the archive that was released: its SHA-256 is/)
  expect(await readdir(world.machine.cache)).toEqual([])
})

test('a transfer that is cut is begun again', async () => {
  await using world = await releaseWorld({ cut: 1 })

  expect(await resolveTool(world.tool, world.machine)).toMatchObject({ source: 'release' })
  expect(world.asked).toHaveLength(2)
})

test('one that is cut every time is given up, and nothing of it is left', async () => {
  await using world = await releaseWorld({ cut: 99 })

  await expect(resolveTool(world.tool, world.machine)).rejects.toThrow(/could not be fetched: .*Install NATS server/)
  expect(await readdir(world.machine.cache)).toEqual([])
})

test.for([
  ['linux', 'x64', 'linux-amd64.tar.gz'],
  ['linux', 'arm64', 'linux-arm64.tar.gz'],
  ['darwin', 'x64', 'darwin-amd64.tar.gz'],
  ['darwin', 'arm64', 'darwin-arm64.tar.gz'],
  ['win32', 'x64', 'windows-amd64.zip'],
] as const)('on %s %s the archive is %s', ([platform, arch, name]) => {
  const archive = natsArchive({ platform, arch, env: {} })

  expect(archive?.url).toBe(
    `https://github.com/nats-io/nats-server/releases/download/v2.14.5/nats-server-v2.14.5-${name}`,
  )
  expect(archive?.sha256).toMatch(/^[0-9a-f]{64}$/)
})

test('a system without an archive gets none', () => {
  expect(natsArchive({ platform: 'freebsd', arch: 'x64', env: {} })).toBe(undefined)
})

/** A machine without apt, and a server that has one small release; the first `cut` transfers break off half-way. */
async function releaseWorld({ cut = 0 } = {}) {
  await using stack = new AsyncDisposableStack()
  const bare = stack.use(await bareMachine())
  for (const program of ['tar', 'gzip']) await bare.link(program, findOnPath(program))
  const archive = await pack(bare.root)
  const asked: string[] = []
  const server = createServer((request, reply) => {
    asked.push(request.url ?? '')
    reply.writeHead(200, { 'content-length': archive.length })
    send(reply, archive, asked.length <= cut)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  stack.defer(() => void server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sha256 = createHash('sha256').update(archive).digest('hex')
  const tool: Tool = {
    ...{ program: 'nats-server', package: 'nats-server', file: 'usr/sbin/nats-server', versionFlag: '-v' },
    ...{ floor: [2, 9], install: { linux: 'Install NATS server.' } },
    release: () => ({ url: `${url}/released.tar.gz`, sha256, file: 'released/nats-server' }),
  }
  const things = stack.move()
  return { ...{ machine: bare.machine, asked, url, tool }, [Symbol.asyncDispose]: () => things.disposeAsync() }
}

async function pack(root: string): Promise<Buffer> {
  await mkdir(join(root, 'released'))
  await writeFile(join(root, 'released', 'nats-server'), '#!/bin/sh\necho "nats-server: v2.14.5"\n', { mode: 0o755 })
  return execFileSync('tar', ['-cz', '-C', root, 'released'])
}

function send(reply: ServerResponse, archive: Buffer, cut: boolean): void {
  if (!cut) return void reply.end(archive)
  reply.write(archive.subarray(0, archive.length / 2), () => reply.destroy())
}

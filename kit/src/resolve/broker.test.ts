/** Where the broker comes from on machines of every kind. */
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type BareMachine, bareMachine } from '../testing/bare-machine.ts'
import { resolveBroker } from './broker.ts'
import { thisMachine } from './machine.ts'

const server = (version: string) => `echo "nats-server: v${version}"`

/** apt and dpkg as far as they are needed: a package is the program itself, and `lists` says whether there are lists to find it in. */
async function putApt(bare: BareMachine, { version = '2.9.10', lists = 'yes' } = {}): Promise<void> {
  await bare.put(
    'apt-get',
    `echo "apt-get $*" >> "$CALLS"
case "$* lists:${lists}" in
  *update*lists:offline) echo "W: Failed to fetch http://deb.example/ Temporary failure resolving"; exit 0 ;;
  *update*) exit 0 ;;
  *Dir::State::Lists*lists:no | *lists:yes) printf '#!/bin/sh\\n${server(version)}\\n' > nats-server_1.deb ;;
  *) echo "E: Unable to locate package nats-server" >&2; exit 100 ;;
esac`,
  )
  await bare.put(
    'dpkg',
    'mkdir -p "$3/usr/sbin" && cp "$2" "$3/usr/sbin/nats-server" && chmod +x "$3/usr/sbin/nats-server"',
  )
}

test('this machine has a broker that is new enough', async () => {
  const { version } = await resolveBroker(thisMachine())

  expect(version).toMatch(/^2\.(9|\d\d)/)
})

test('the one on PATH is taken before anything is fetched', async () => {
  await using bare = await bareMachine()
  const path = await bare.put('nats-server', server('2.10.7'))
  await putApt(bare)

  const broker = await resolveBroker(bare.machine)

  expect(broker).toEqual({ path, version: '2.10.7', source: 'path' })
  expect(await bare.calls()).toEqual([])
})

test('one that is too old is passed over for the package', async () => {
  await using bare = await bareMachine()
  await bare.put('nats-server', server('2.7.2'))
  await putApt(bare)

  const broker = await resolveBroker(bare.machine)

  expect(broker).toMatchObject({ version: '2.9.10', source: 'apt' })
})

test('what was fetched once is in the cache from then on', async () => {
  await using bare = await bareMachine()
  await putApt(bare)
  const first = await resolveBroker(bare.machine)
  const callsThen = await bare.calls()

  const second = await resolveBroker(bare.machine)

  expect(first.source).toBe('apt')
  expect(second).toEqual({ ...first, source: 'cache' })
  expect(await bare.calls()).toEqual(callsThen)
  expect(bare.said).toEqual(["fetching nats-server from this system's package archive …"])
})

test('a fresh image without package lists gets private ones', async () => {
  await using bare = await bareMachine()
  await putApt(bare, { lists: 'no' })

  const broker = await resolveBroker(bare.machine)

  expect(broker.source).toBe('apt')
  expect((await bare.calls()).filter((call) => call.includes('update'))).toEqual([
    expect.stringContaining('Dir::State::Lists='),
  ])
})

test('two at once share one cache and leave nothing beside it', async () => {
  await using bare = await bareMachine()
  await putApt(bare)

  const brokers = await Promise.all([1, 2, 3].map(() => resolveBroker(bare.machine)))

  expect(new Set(brokers.map(({ path, version }) => `${path} ${version}`)).size).toBe(1)
  expect(await readdir(bare.machine.cache)).toEqual(['nats-server'])
})

test('a cached copy that no longer runs is fetched again', async () => {
  await using bare = await bareMachine()
  await putApt(bare)
  const { path } = await resolveBroker(bare.machine)
  await writeFile(path, '#!/bin/sh\nexit 127\n')
  await chmod(path, 0o755)

  const again = await resolveBroker(bare.machine)

  expect(again).toMatchObject({ path, version: '2.9.10', source: 'apt' })
  expect(await readdir(bare.machine.cache)).toEqual(['nats-server'])
})

test('without a network the sentence says so and what to install', async () => {
  await using bare = await bareMachine()
  await putApt(bare, { lists: 'offline' })

  const refused = resolveBroker(bare.machine)

  await expect(refused).rejects.toThrow(
    /^nats-server is not on this machine, and could not be fetched \(its package archive cannot be reached; .*\)\. Install .*apt-get install nats-server/,
  )
  expect(await readdir(bare.machine.cache)).toEqual([])
})

test('a package that is too old is not used, and is named', async () => {
  await using bare = await bareMachine()
  await putApt(bare, { version: '2.7.2' })

  await expect(resolveBroker(bare.machine)).rejects.toThrow(/is 2\.7\.2, older than 2\.9/)
})

test('a system without apt is told what to install', async () => {
  await using bare = await bareMachine()

  await expect(resolveBroker(bare.machine)).rejects.toThrow(
    /has no apt-get and dpkg; .*\)\. Install NATS server 2\.9 or newer/,
  )
})

test('a cache that cannot be written names the variable that moves it', async () => {
  await using bare = await bareMachine()
  await putApt(bare)
  await mkdir(join(bare.root, 'a'))
  await writeFile(join(bare.root, 'a', 'file'), '')

  const refused = resolveBroker({ ...bare.machine, cache: join(bare.root, 'a', 'file', 'cache') })

  await expect(refused).rejects.toThrow(/Set SLUICE_CACHE to a directory you may write/)
})

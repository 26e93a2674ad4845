/** What a backup holds comes back whole, and what is not whole does not come back at all. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareBroker } from '@sluice/kit/broker.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { roles } from '@sluice/kit/roles.ts'
import { subjectOf } from '@sluice/proto/event.ts'
import { create, extract } from 'tar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSeatBook } from '../seats/seat-book.ts'
import { sluice } from '../testing/run.ts'
import { wholeStory } from '../testing/story.ts'
import { openPrivateBroker } from './private-broker.ts'

let base: string
let file: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'slc-backup-'))
  file = join(base, 'copy.tar.gz')
  const work = join(base, 'from', 'work')
  await mkdir(join(work, 'artifacts', 'ab'), { recursive: true })
  await writeFile(join(work, 'artifacts', 'ab', 'abcd'), 'a document')
  await writeFile(join(work, 'keys.json'), '{"session":"slc_a-secret-of-this-house"}')
  openSeatBook(work).put('acme', { kind: 'command', command: ['python3', 'review.py'], directory: '/reviewers' })
  await using broker = await openPrivateBroker(work)
  await prepareBroker(broker.bus.nc, roles)
  for (const event of wholeStory()) await broker.bus.publish(event)
}, 60_000)
afterAll(() => rm(base, { recursive: true, force: true }))

const from = () => join(base, 'from')

test('a backup of a Sluice that does not run holds its events and documents, and none of its secrets', async () => {
  const said = await sluice(['backup', file, '--json'], { data: from() })

  expect(said).toMatchObject({ code: 0 })
  expect(JSON.parse(said.stdout)).toMatchObject({ which: 'work', streams: { STORY: wholeStory().length } })
  const packed = Object.keys(JSON.parse(said.stdout).files)
  expect(packed).toContain('artifacts/ab/abcd')
  expect(packed.filter((name) => /keys|token|bus\//.test(name))).toEqual([])
})

test('brought back elsewhere, everything stands where it stood', async () => {
  const to = join(base, 'to')

  const said = await sluice(['restore', file], { data: to })

  expect(said).toMatchObject({ code: 0 })
  expect(await readFile(join(to, 'work', 'artifacts', 'ab', 'abcd'), 'utf8')).toBe('a document')
  // A file may come from anybody: what it names is not started, and told.
  expect(openSeatBook(join(to, 'work')).get('acme')).toEqual({ kind: 'external' })
  expect(said.stdout).toContain('sluice reviewer swap acme -- python3 review.py')
  await using broker = await openPrivateBroker(join(to, 'work'))
  const events = await readAll(broker.bus, 'story.>')
  expect(events.map(({ event, sequence }) => [sequence, event])).toEqual(wholeStory().map((event, i) => [i + 1, event]))
  expect(events.map(({ subject }) => subject)).toEqual(wholeStory().map(subjectOf))
})

test('over stories that are there it is refused, and with --force these are moved aside', async () => {
  const refused = await sluice(['restore', file], { data: from() })
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('holds stories already') })

  const forced = await sluice(['restore', file, '--force', '--json'], { data: from() })

  expect(forced).toMatchObject({ code: 0 })
  const { moved } = JSON.parse(forced.stdout)
  expect(await readdir(moved)).toContain('keys.json')
  expect(await readdir(join(from(), 'work'))).not.toContain('keys.json')
})

const changes: [string, (room: string) => Promise<unknown>][] = [
  ['with another document in it', (room) => writeFile(join(room, 'artifacts', 'ab', 'abcd'), 'another one')],
  ['with a file too many', (room) => writeFile(join(room, 'artifacts', 'ab', 'more'), 'x')],
  ['without its runs stream', (room) => rm(join(room, 'streams', 'RUN.snapshot'))],
  ['without a manifest', (room) => rm(join(room, 'manifest.json'))],
]

test.each(changes)('a backup %s changes nothing', async (_what, change) => {
  const [room, to] = [await mkdtemp(join(base, 'room-')), await mkdtemp(join(base, 'none-'))]
  await extract({ file, cwd: room })
  await change(room)
  const spoilt = join(base, 'spoilt.tar.gz')
  await create({ gzip: true, cwd: room, file: spoilt }, await readdir(room))

  const said = await sluice(['restore', spoilt], { data: to })

  expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('no whole backup') })
  expect(await readdir(to)).toEqual([])
})

test('half a file is refused', async () => {
  const [half, to] = [join(base, 'half.tar.gz'), await mkdtemp(join(base, 'half-'))]
  const bytes = await readFile(file)
  await writeFile(half, bytes.subarray(0, bytes.length / 2))

  const said = await sluice(['restore', half], { data: to })

  expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('no whole backup') })
  expect(await readdir(to)).toEqual([])
})

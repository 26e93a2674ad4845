/** Brings a backup back as a house of its own: unpacked beside, looked through whole, and only then put in its place. */
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { restoreStream, StreamHead } from '@sluice/kit/stream-copy.ts'
import { extract } from 'tar'
import { holdData } from '../hold.ts'
import { openSeatBook, type Seat } from '../seats/seat-book.ts'
import { difference, hashesBelow, MANIFEST, Manifest } from './manifest.ts'
import { openPrivateBroker } from './private-broker.ts'

type Wanted = { file: string; base: string; force: boolean; say(line: string): void; now(): Date }

/** `base` is the data directory of all houses. `moved`: where what was there before lies now. `unmanned`: seats whose command is not started. */
export async function bringBack({ file, base, force, say, now }: Wanted): Promise<{
  manifest: Manifest
  dir: string
  moved: string | null
  unmanned: Seat[]
}> {
  await mkdir(base, { recursive: true, mode: 0o700 })
  const room = await mkdtemp(join(base, 'restore-'))
  try {
    say('unpacking …')
    const manifest = await unpack(file, room)
    const dir = join(base, manifest.which)
    // Refused before the long part; whoever begins meanwhile is seen again below.
    if (!force) await refuseOver(dir)
    say('bringing back the streams …')
    await bringBackStreams(room, Object.keys(manifest.streams))
    await rm(join(room, MANIFEST))
    const unmanned = withoutCommands(room)
    const moved = await makeWay(dir, { force, now })
    await rename(room, dir)
    return { manifest, dir, moved, unmanned }
  } finally {
    // An archive that breaks off is refused while its last files are still being written.
    await rm(room, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function unpack(file: string, room: string): Promise<Manifest> {
  const broken = (cause?: unknown) =>
    new Refusal(`${file} is no whole backup.`, 'Take another copy of it; nothing was changed here.', { cause })
  if (!(await stat(file).catch(() => null)))
    throw new Refusal(`There is no ${file}.`, 'Name a file that `sluice backup` wrote.')
  await extract({ file, cwd: room, strict: true, preserveOwner: false }).catch((cause: unknown) => {
    throw broken(cause)
  })
  const text = await readFile(join(room, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw broken(cause)
  })
  const { data: manifest, error } = Manifest.safeParse(jsonIn(text))
  if (!manifest)
    throw new Refusal(`${file} is of a kind this version does not know.`, 'Use the version that wrote it.', {
      cause: error,
    })
  const strange = difference(manifest.files, await hashesBelow(room))
  if (strange) throw broken(new Error(`${strange} is not what the manifest says.`))
  return manifest
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function bringBackStreams(room: string, names: readonly string[]): Promise<void> {
  await using broker = await openPrivateBroker(room)
  for (const name of names) {
    const head = StreamHead.parse(JSON.parse(await readFile(join(room, 'streams', `${name}.json`), 'utf8')))
    await restoreStream(broker.bus, head, createReadStream(join(room, 'streams', `${name}.snapshot`)))
  }
  await rm(join(room, 'streams'), { recursive: true })
}

/** A file may come from anybody: no command that stands in it is ever started because of it. Their seats wait for somebody. */
function withoutCommands(room: string): Seat[] {
  const book = openSeatBook(room)
  const commanded = book.all().filter(({ sitting }) => sitting.kind === 'command')
  for (const { seat } of commanded) book.put(seat, { kind: 'external' })
  return commanded
}

async function refuseOver(dir: string): Promise<void> {
  if (!(await stat(join(dir, 'bus')).catch(() => null))) return
  throw new Refusal(
    `${dir} holds stories already.`,
    'Restore into another data directory (SLUICE_DATA=…), or add --force: what is there is moved aside, never deleted.',
  )
}

/** What is there is kept under another name, unless a house runs on it. */
async function makeWay(dir: string, { force, now }: Pick<Wanted, 'force' | 'now'>): Promise<string | null> {
  if (!(await stat(dir).catch(() => null))) return null
  using _held = holdData(dir)
  if (!force) await refuseOver(dir)
  const aside = `${dir}.before-${now().toISOString().replaceAll(':', '-')}`
  await rename(dir, aside)
  return aside
}

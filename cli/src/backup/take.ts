/** Takes a backup of one house, also while it runs: its streams by the broker, then the files that these name. */

import { createWriteStream } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Bus, connectBus } from '@sluice/kit/bus.ts'
import { serviceConfig } from '@sluice/kit/config.ts'
import { durableStreams, snapshotStream } from '@sluice/kit/stream-copy.ts'
import { create } from 'tar'
import pack from '../../package.json' with { type: 'json' }
import { holdData } from '../hold.ts'
import type { Which } from '../running-house.ts'
import { hashesBelow, MANIFEST, type Manifest } from './manifest.ts'
import { openPrivateBroker } from './private-broker.ts'

/** Written once and never changed, or only ever longer: copied after the streams, all that these name is there. */
const FILES = ['artifacts', 'runs', 'ledger', 'seats.json', 'replicas.json', 'demo'] as const

type Wanted = { dir: string; which: Which; running: boolean; file: string; say(line: string): void; now(): Date }

/** Secrets are left out: a house that is brought back makes its own. */
export async function takeBackup({ dir, which, running, file, say, now }: Wanted): Promise<Manifest> {
  const room = await mkdtemp(join(dir, 'backup-'))
  try {
    say('copying the streams …')
    const streams = await withBus({ dir, running }, (bus) => copyStreams(bus, join(room, 'streams')))
    say('copying documents, runs and the ledger …')
    for (const name of FILES) await copyIfThere(join(dir, name), join(room, name))
    const files = await hashesBelow(room)
    const manifest: Manifest = { format: 1, sluice: pack.version, which, at: now().toISOString(), files, streams }
    await writeFile(join(room, MANIFEST), JSON.stringify(manifest))
    say('packing …')
    // The manifest first: what a backup is can be told without reading all of it.
    await create({ gzip: true, cwd: room, file, portable: true, mode: 0o600 }, [MANIFEST, ...Object.keys(files)])
    return manifest
  } finally {
    await rm(room, { recursive: true, force: true })
  }
}

/** A house that runs is asked; one that does not is held, so that none starts meanwhile, and its streams are opened. */
async function withBus<T>(
  { dir, running }: { dir: string; running: boolean },
  use: (bus: Bus) => Promise<T>,
): Promise<T> {
  if (running) {
    await using bus = await connectBus(await serviceConfig('supervisor', dir))
    return await use(bus)
  }
  using _held = holdData(dir)
  await using broker = await openPrivateBroker(dir)
  return await use(broker.bus)
}

async function copyStreams(bus: Bus, to: string): Promise<Record<string, number>> {
  await mkdir(to, { recursive: true })
  const counts: Record<string, number> = {}
  for (const stream of durableStreams) {
    const { head, chunks } = await snapshotStream(bus, stream)
    await writeFile(join(to, `${stream}.json`), JSON.stringify(head))
    await pipeline(chunks, createWriteStream(join(to, `${stream}.snapshot`)))
    counts[stream] = head.state.messages
  }
  return counts
}

async function copyIfThere(from: string, to: string): Promise<void> {
  if (await stat(from).catch(() => null)) await cp(from, to, { recursive: true, verbatimSymlinks: true })
}

/** What lies on RUN, and how it leaves: only what is packed, and only where nobody can go on from it. */
import { type Bus, jetstreamManager } from './bus.ts'
import { revokeLease } from './lease.ts'

const managed = (bus: Bus) => jetstreamManager(bus.nc, { checkAPI: false })

/** Sources and stories that have anything there. */
export async function storiesOnRun(bus: Bus): Promise<{ source: string; storyId: string }[]> {
  const info = await (await managed(bus)).streams.info('RUN', { subjects_filter: 'run.>' })
  const found = new Map<string, { source: string; storyId: string }>()
  for (const subject of Object.keys(info.state.subjects ?? {})) {
    const [, source = '', storyId = ''] = subject.split('.')
    found.set(`${source}.${storyId}`, { source, storyId })
  }
  return [...found.values()]
}

export type PackedRun = { source: string; storyId: string; runId: string; last: number }

/**
 * Takes a packed run off RUN, up to its last packed message. A request may be delivered once more long after it was answered, and whoever
 * takes it looks for its answer there: so its lease is revoked first, and it is nobody's work any more.
 */
export async function purgeRun(bus: Bus, { source, storyId, runId, last }: PackedRun): Promise<number> {
  await revokeLease(bus, source, runId, 'packed')
  const filter = `run.${source}.${storyId}.${runId}.>`
  const { purged } = await (await managed(bus)).streams.purge('RUN', { filter, seq: last + 1 })
  return purged
}

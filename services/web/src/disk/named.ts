/** Which artifacts anything names: every event, every journal on RUN, every journal that is packed. */

import type { Artifacts } from '@sluice/kit/artifacts.ts'
import type { Bus } from '@sluice/kit/bus.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { unpacked } from '@sluice/kit/run-pack.ts'
import { liveMessages } from '@sluice/kit/runs.ts'
import { RunPacked } from '@sluice/proto/events.ts'

/** A hash counts as a name wherever it stands: too many are kept rather than one too few. */
const HASH = /[0-9a-f]{64}/g

export async function namedArtifacts({
  bus,
  store,
}: {
  bus: Bus
  store: Pick<Artifacts, 'get'>
}): Promise<Set<string>> {
  const named = new Set<string>()
  const look = (said: unknown): void => {
    for (const [hash] of JSON.stringify(said).matchAll(HASH)) named.add(hash)
  }
  // RUN first: what is packed meanwhile is named by an event that is read afterwards.
  for (const { body } of await liveMessages(bus, 'run.>')) look(body)
  for (const subject of ['story.>', 'project.>'])
    for (const { event } of await readAll(bus, subject)) {
      look(event.data)
      if (event.type === RunPacked.type)
        for (const { body } of await unpacked(await store.get(event.data.pack))) look(body)
    }
  return named
}

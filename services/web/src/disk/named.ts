/** Which artifacts anything names: every event, every journal on RUN, every journal that is packed. */

import type { Artifacts } from '@sluice/kit/artifacts.ts'
import type { Bus } from '@sluice/kit/bus.ts'
import { recorded } from '@sluice/kit/follow.ts'
import { unpacked } from '@sluice/kit/run-pack.ts'
import { eachLiveMessage } from '@sluice/kit/runs.ts'
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
  for await (const { body } of eachLiveMessage(bus, 'run.>')) look(body)
  for (const subject of ['story.>', 'project.>'])
    for await (const { event } of recorded(bus, subject)) {
      look(event.data)
      if (event.type === RunPacked.type)
        for (const { body } of await unpacked(await store.get(event.data.pack))) look(body)
    }
  return named
}

/** Which engines work on this machine, as the page asks: looked at anew no more than once a minute. */
import { probeEngines } from '@sluice/kit/probe-engines.ts'
import type { Engines } from '@sluice/proto/rest.ts'
import { crewOf } from './crew.ts'
import type { Own } from './settings.ts'
import type { Stories } from './stories.ts'

const FRESH_MS = 60_000
/** A request waits for ten seconds at most. */
const WITHIN_MS = 8_000

type Means = { own: Own; stories: Pick<Stories, 'project'>; now: () => Date }

export function enginesLookedAt({ own, stories, now }: Means): () => Promise<Engines> {
  let last: { at: number; probed: ReturnType<typeof probeEngines> } | null = null
  return async () => {
    const at = now().getTime()
    if (!last || at - last.at > FRESH_MS) last = { at, probed: probeEngines(own.agents, { withinMs: WITHIN_MS }) }
    const probed = await last.probed
    return {
      engines: probed.map(({ name, probe }) =>
        probe.ok
          ? { name, works: true, says: probe.version, mend: null }
          : { name, works: false, says: probe.problem, mend: probe.mend },
      ),
      roles: crewOf(own, stories.project(own.project.id)),
    }
  }
}

/** Says at the start which project is served and how much of it may be built at once, if that is news. */
import { record } from '@sluice/kit/record.ts'
import type { EventType } from '@sluice/proto/event.ts'
import { ProjectAttached, ProjectLimited } from '@sluice/proto/events.ts'
import type { Own } from './settings.ts'
import type { Stories } from './stories.ts'

export async function attachProject(
  stories: Pick<Stories, 'project' | 'record'>,
  { project, builds }: Pick<Own, 'project' | 'builds'>,
  now: Date,
): Promise<void> {
  const { id: projectId, name, root, base, demo } = project
  const known = stories.project(projectId)
  const isKnown = known?.name === name && known.root === root && known.base === base && known.demo === demo
  if (!isKnown) await say(ProjectAttached, { name, root, base, demo })
  if (stories.project(projectId)?.builds !== builds) await say(ProjectLimited, { builds })

  /** Counted, so that what changes and changes back is said again, and the same start twice is one event. */
  async function say(type: EventType, data: unknown): Promise<void> {
    const n = stories.project(projectId)?.seen.size ?? 0
    await stories.record(record({ type, source: 'web', projectId, cause: null, n, data, now }))
  }
}

/** Says at the start which project is served, if that is news. */
import { record } from '@sluice/kit/record.ts'
import { ProjectAttached } from '@sluice/proto/events.ts'
import type { Own } from './settings.ts'
import type { Stories } from './stories.ts'

export async function attachProject(
  stories: Pick<Stories, 'project' | 'record'>,
  project: Own['project'],
  now: Date,
): Promise<void> {
  const { id: projectId, name, root, base, demo } = project
  const known = stories.project(projectId)
  const isKnown = known?.name === name && known.root === root && known.base === base && known.demo === demo
  if (isKnown) return
  // Counted, so that a project which moves and comes back is said again, and the same start twice is one event.
  const n = known?.seen.size ?? 0
  await stories.record(
    record({ type: ProjectAttached, source: 'web', projectId, cause: null, n, data: { name, root, base, demo }, now }),
  )
}

/** The last two versions of what a gate is about, as they were handed in. */
import type { Event } from '@sluice/proto/events.ts'
import type { Artifact } from '@sluice/proto/parts.ts'

export type Versions = { before: Artifact | null; now: Artifact | null }

export function versionsOf(events: readonly Event[], gate: string): Versions {
  const handedIn = events.flatMap((event) => documentOf(event, gate))
  return { before: handedIn.at(-2) ?? null, now: handedIn.at(-1) ?? null }
}

function documentOf(event: Event, gate: string): Artifact[] {
  switch (event.type) {
    case 'scope.completed':
    case 'design.completed':
    case 'architecture.completed':
      return event.type.startsWith(`${gate}.`) ? [event.data.document] : []
    default:
      return []
  }
}

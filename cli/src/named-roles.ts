/** Names of roles in the person's settings: one that nobody has is found at the start, not by what never happens. */
import { Refusal } from '@sluice/kit/errors.ts'
import { configFile } from '@sluice/kit/paths.ts'
import { reviewers } from '@sluice/kit/roles.ts'
import { defaultSeats } from '@sluice/proto/pipeline.ts'
import type { SeatBook } from './seats/seat-book.ts'
import { staffOf } from './seats/staff.ts'
import type { Settings } from './settings.ts'

/** Roles, our own reviewers whether they sit or not, and every seat of this house. */
export function refuseStrangeRoles(settings: Settings, seats: SeatBook): void {
  const known = new Set([...staffOf(seats), ...reviewers].map(({ name }) => name).concat(defaultSeats))
  const places = {
    roles: settings.roles,
    'budget.roles': settings.budget.roles ?? {},
    'mcp.roles': settings.mcp.roles,
    permissions: settings.permissions,
  }
  for (const [place, named] of Object.entries(places)) {
    const strange = Object.keys(named).find((name) => name !== '*' && !known.has(name))
    if (strange !== undefined)
      throw new Refusal(
        `${configFile()}: \`${place}\` names ${strange}, which is no role and no seat here.`,
        `There are: ${[...known].join(', ')}. Mend it, or leave it out.`,
      )
  }
}

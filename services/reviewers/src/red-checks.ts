/** What the project's own checks found, as findings of their seat. */

import { findingId } from '@sluice/kit/finding-id.ts'
import type { Finding, Judged } from '@sluice/proto/parts.ts'
import { checksSeat as seat } from '@sluice/proto/pipeline.ts'
import { isGreen, type Ran, SET_UP } from './check-runs.ts'

/** A red check is named by the tree it is red on: who dismisses it for one tree has not done so for the next. */
export function redChecks(ran: Ran[], { storyId, judged }: { storyId: string; judged: Judged }): Finding[] {
  if (ran.length === 0) return [noChecks(storyId)]
  return ran
    .filter((run) => !isGreen(run))
    .map((run) => ({
      id: findingId(seat, storyId, 'check', run.name, judged.tree),
      seat,
      severity: 'high',
      blocking: true,
      claim: claimOf(run),
      evidence: `$ ${run.command}\n${run.tail}`.trim(),
    }))
}

function claimOf({ name, exitCode, timedOut }: Ran): string {
  const what = name === SET_UP ? 'The set-up of a clean checkout' : `The check \`${name}\``
  return timedOut ? `${what} did not end in its time.` : `${what} fails: it ended with ${exitCode}.`
}

const noChecks = (storyId: string): Finding => ({
  id: findingId(seat, storyId, 'no checks'),
  seat,
  severity: 'info',
  blocking: false,
  claim: 'This project names no checks: nothing but the reviewers has judged this commit.',
  evidence: 'Neither sluice.yaml nor a package script of the base commit names types, lint or tests.',
  suggestion: 'Name them under `checks` in sluice.yaml.',
})

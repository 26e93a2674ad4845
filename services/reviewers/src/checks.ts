/** The reviewer without a model: the project's own checks on a clean checkout, and whether what judges was touched. */

import { confirmJudged } from '@sluice/kit/confirm-judged.ts'
import { completed } from '@sluice/kit/outcome.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { defineRole } from '@sluice/kit/role.ts'
import { start } from '@sluice/kit/start.ts'
import { changeOf } from '@sluice/kit/story-change.ts'
import { Review, ReviewRequested } from '@sluice/proto/events.ts'
import type { CheckRun, Finding } from '@sluice/proto/parts.ts'
import { checksSeat } from '@sluice/proto/pipeline.ts'
import { isGreen, type Ran, runChecks } from './check-runs.ts'
import { redChecks } from './red-checks.ts'
import { touchedJudges } from './touched-judges.ts'

export const checks = defineRole({
  name: checksSeat,
  takes: ReviewRequested,
  gives: Review,
  uses: [],

  /** Commands come from the request, which has them from the base commit: the judged tree does not supply its judge. */
  async answer({ data, storyId = '', projectId }, means) {
    const { judged, config } = data
    const repository = await openRepository(data.repository.root)
    await confirmJudged(repository, judged)
    const touched = await changeOf(repository, judged, storyId)
    const judges = await touchedJudges(repository, { storyId, judged, touched, config })
    const ran = config.checks.length > 0 ? await runChecks(repository, { judged, config, projectId, means }) : []

    const findings = [...redChecks(ran, { storyId, judged }), ...judges]
    const earlier = data.earlier.filter((finding) => finding.seat === checksSeat)
    return completed({
      seat: checksSeat,
      judged,
      verdict: findings.some((f) => f.blocking) ? 'reject' : 'approve',
      findings,
      earlier: earlier.map((finding) => answerTo(finding, findings)),
      summary: summaryOf(ran, judges),
      checks: ran.map(({ tail: _, ...run }): CheckRun => run),
    })
  },
})

/** Everything is looked at anew each time, so an old finding stands exactly when the same is found again. */
function answerTo(earlier: Finding, findings: Finding[]): { findingId: string; resolved: boolean; note: string } {
  const again = findings.find((f) => f.id === earlier.id || (f.claim === earlier.claim && f.path === earlier.path))
  const note = again ? `Found again on this commit, as ${again.id}.` : 'Looked at anew on this commit: it is gone.'
  return { findingId: earlier.id, resolved: !again, note }
}

function summaryOf(ran: Ran[], judges: Finding[]): string {
  const outcomes = ran.map(
    (run) => `${run.name} ${run.timedOut ? 'out of time' : isGreen(run) ? 'green' : `red (${run.exitCode})`}`,
  )
  const touched =
    judges.length > 0 ? ` What judges was touched in ${judges.length} place${judges.length > 1 ? 's' : ''}.` : ''
  return `${outcomes.join(', ') || 'There are no checks to run'}.${touched}`
}

if (import.meta.main) await start(checks)

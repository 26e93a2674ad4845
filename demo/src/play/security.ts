/** The security reviewer, played: it knows the listed classes of vulnerability and no other, and says so. */
import { addedLines } from '../diff.ts'
import { inspectHunks, isInspected, type Vulnerability } from '../vulnerabilities.ts'
import { CLASSES } from '../vulnerability-classes.ts'
import { blocks, type EarlierFinding, type Reviewed, reviewedIn } from './reviewed.ts'
import { giveUp, type Play, submit } from './saying.ts'

/** No more are taken from a reviewer at once. */
const MOST_FINDINGS = 10

export const security: Play = (asked) => {
  const reviewed = reviewedIn(asked)
  if (!reviewed) return giveUp('was asked to review, and the request holds no diff.')
  const found = inspectHunks(reviewed.diff, reviewed.files)
  const answered = reviewed.earlier.map((finding) => ({ finding, ...again(finding, found) }))
  const standing = new Set(answered.flatMap((one) => one.still))
  const fresh = found.filter((one) => !standing.has(one))
  const blocked = fresh.length > 0 || answered.some(({ finding, resolved }) => !resolved && blocks(finding))
  return submit(asked, `I looked at the lines that ${reviewed.files.length} files gained.`, {
    summary: summaryOf(reviewed, found),
    verdict: blocked ? 'reject' : 'approve',
    findings: fresh.slice(0, MOST_FINDINGS).map(findingOf),
    earlier: answered.map(({ finding, resolved, note }) => ({ findingId: finding.id, resolved, note })),
  })
}

const findingOf = ({ cwe, owasp, path, line, claim, evidence }: Vulnerability) => ({
  ...{ severity: 'high', blocking: true, path, startLine: line, endLine: line },
  ...{ claim, evidence, cwe, owasp },
})

/** Gone when its class is found in its file no more; `still` is what stands there, and is not reported a second time. */
function again({ path, text }: EarlierFinding, found: readonly Vulnerability[]) {
  const known = CLASSES.find(({ claim }) => text.startsWith(claim))
  if (!known) return { resolved: false, still: [], note: 'Not of a class this script knows: a person must judge it.' }
  const still = found.filter((one) => one.claim === known.claim && one.path === path)
  const lines = still.map(({ line }) => line).join(', ')
  return still.length > 0
    ? { resolved: false, still, note: `${known.cwe} is still recognised in ${path}, line ${lines}.` }
    : { resolved: true, still, note: `${known.cwe} is not recognised in ${path || 'the change'} any more.` }
}

const LIST = CLASSES.map(({ cwe }) => cwe).join(', ')

function summaryOf({ diff, files }: Reviewed, found: readonly Vulnerability[]): string {
  const held = new Set(files.map(({ path }) => path))
  const unseen = [...addedLines(diff).keys()].filter((path) => isInspected(path) && !held.has(path))
  const outcome =
    found.length > 0
      ? `Recognised: ${found.map(({ cwe, path, line }) => `${cwe} at ${path}:${line}`).join('; ')}. `
      : 'None of them was found in the lines this change adds; that does not mean the change is safe. '
  const missing =
    unseen.length > 0 ? ` Not looked at, because the request does not hold them: ${unseen.join(', ')}.` : ''
  return `This reviewer is a script that knows only a list of classes (${LIST}). ${outcome}It knows nothing else.${missing}`
}

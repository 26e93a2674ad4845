/** The security reviewer, played: it knows the listed classes of vulnerability and no other, and says so. */
import { addedLines } from '../diff.ts'
import { inspectHunks, isInspected, type Vulnerability } from '../vulnerabilities.ts'
import { CLASSES } from '../vulnerability-classes.ts'
import { type EarlierFinding, type Reviewed, reviewedIn } from './reviewed.ts'
import { giveUp, type Play, submit } from './saying.ts'

export const security: Play = (asked) => {
  const reviewed = reviewedIn(asked)
  if (!reviewed) return giveUp('was asked to review, and the request holds no diff.')
  const found = inspectHunks(reviewed.diff, reviewed.files)
  return submit(asked, `I looked at the lines that ${reviewed.files.length} files gained.`, {
    summary: summaryOf(reviewed, found),
    verdict: found.length > 0 ? 'reject' : 'approve',
    findings: found.map(findingOf),
    earlier: reviewed.earlier.map((finding) => again(finding, found)),
  })
}

const findingOf = ({ cwe, owasp, path, line, claim, evidence }: Vulnerability) => ({
  ...{ severity: 'high', blocking: true, path, startLine: line, endLine: line },
  ...{ claim, evidence, cwe, owasp },
})

/** Gone when its class is found in its file no more. */
function again({ id, path, text }: EarlierFinding, found: readonly Vulnerability[]) {
  const known = CLASSES.find(({ claim }) => text.startsWith(claim))
  if (!known)
    return { findingId: id, resolved: false, note: 'Not of a class this script knows: a person must judge it.' }
  const still = found.find((one) => one.claim === known.claim && one.path === path)
  return still
    ? { findingId: id, resolved: false, note: `${known.cwe} is still recognised at ${path}:${still.line}.` }
    : { findingId: id, resolved: true, note: `${known.cwe} is not recognised in ${path || 'the change'} any more.` }
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

/** What a reviewer may hand in, whoever it is: what does not hold is said, and the verdict the host makes of the rest. */
import type { Review } from '@sluice/proto/events.ts'
import type { Finding, Judged } from '@sluice/proto/parts.ts'
import { findingId } from './finding-id.ts'
import type { Repository } from './repository.ts'
import type { CompletedData } from './role.ts'

export type Found = Omit<Finding, 'id' | 'seat' | 'personOnly'>

export type Judgement = {
  summary: string
  verdict: 'approve' | 'reject'
  findings: Found[]
  earlier: { findingId: string; resolved: boolean; note: string }[]
}

export type Facts = {
  /** Findings of this seat that are still open. */
  earlier: readonly Finding[]
  criteria: readonly string[]
  /** How many lines a file of the project has, at head or, if it is gone there, at base; null for what is no file of it. */
  linesOf(path: string): Promise<number | null>
  /** What this seat asks of each of its findings beside. */
  demand?: ((finding: Found) => string | null) | undefined
}

/** Everything that does not hold, so that one more turn mends it all; null when it holds. */
export async function problemOf(judgement: Judgement, facts: Facts): Promise<string | null> {
  const ofFindings = await Promise.all(
    judgement.findings.map(async (finding, i) => {
      const problem =
        (await placeProblem(finding, facts)) ?? criterionProblem(finding, facts) ?? facts.demand?.(finding)
      return problem ? [`Finding ${i + 1}: ${problem}`] : []
    }),
  )
  const problems = [...ofFindings.flat(), ...earlierProblems(judgement, facts), ...verdictProblems(judgement, facts)]
  return problems.length > 0 ? problems.join('\n') : null
}

async function placeProblem({ path, startLine, endLine }: Found, { linesOf }: Facts): Promise<string | null> {
  if (path === undefined) return (startLine ?? endLine) ? 'it names lines and no path.' : null
  const lines = await linesOf(path)
  if (lines === null) return `${path} is no file of the project, neither at head nor at base.`
  if (startLine === undefined) return endLine ? 'it has an endLine and no startLine.' : null
  const last = endLine ?? startLine
  if (last < startLine) return `its lines ${startLine} to ${last} run backwards.`
  return last > lines ? `${path} has ${lines} lines: there is no line ${last}.` : null
}

const criterionProblem = ({ criterion }: Found, { criteria }: Facts): string | null =>
  criterion === undefined || criteria.includes(criterion)
    ? null
    : `${criterion} is no criterion of this story; there are ${criteria.join(', ')}.`

function earlierProblems({ earlier }: Judgement, facts: Facts): string[] {
  const answered = earlier.map((one) => one.findingId)
  const open = facts.earlier.map((finding) => finding.id)
  return [
    ...open.filter((id) => !answered.includes(id)).map((id) => `The earlier finding ${id} is not answered.`),
    ...answered.filter((id) => !open.includes(id)).map((id) => `There is no open earlier finding ${id}.`),
    ...answered.filter((id, i) => answered.indexOf(id) !== i).map((id) => `${id} is answered twice.`),
  ]
}

function verdictProblems(judgement: Judgement, { earlier }: Facts): string[] {
  const blocks = judgement.findings.some((f) => f.blocking) || unresolved(judgement, earlier).length > 0
  if (judgement.verdict === 'approve' && blocks)
    return ['The verdict approves while something blocks: a blocking finding, or an earlier one that is not resolved.']
  if (judgement.verdict === 'reject' && !blocks)
    return ['The verdict rejects and nothing blocks: name the finding that does, or approve.']
  return []
}

/** Earlier findings that block and were not resolved: they stay in the way under their own names. */
const unresolved = ({ earlier: answers }: Judgement, earlier: readonly Finding[]): Finding[] =>
  earlier.filter((f) => f.blocking && answers.some((a) => a.findingId === f.id && !a.resolved))

type Verdict = Pick<CompletedData<typeof Review.completed>, 'verdict' | 'findings' | 'earlier' | 'summary'>

/** `own` is what the host itself has to say, of this round and of earlier ones. */
export function verdictOf(
  judgement: Judgement,
  by: { seat: string; request: string; earlier: readonly Finding[]; own: Pick<Verdict, 'findings' | 'earlier'> },
): Verdict {
  const { seat, request, earlier, own } = by
  const found = judgement.findings.map((f, i): Finding => ({ ...f, id: findingId(seat, request, i), seat }))
  const findings = [...own.findings, ...unresolved(judgement, earlier), ...found]
  return {
    verdict: findings.some((f) => f.blocking) ? 'reject' : 'approve',
    findings,
    earlier: [...own.earlier, ...judgement.earlier],
    summary: judgement.summary,
  }
}

/** How many lines a file has at head; at base where it is gone at head. */
export async function linesOf(
  repository: Pick<Repository, 'readAt'>,
  { base, commit }: Judged,
  path: string,
): Promise<number | null> {
  if (!isTreePath(path)) return null
  const text = (await repository.readAt(commit, path)) ?? (await repository.readAt(base, path))
  return text === null ? null : text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

/** Whether a tree can hold it: git ends with an error on any other name. */
export const isTreePath = (path: string): boolean =>
  !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')

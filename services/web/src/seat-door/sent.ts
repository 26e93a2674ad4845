/** What a reviewer sent: everything that does not hold is said at once, the rest becomes the verdict of its seat. */
import { linesOf, problemOf, verdictOf } from '@sluice/kit/judgement.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import { SentVerdict } from '@sluice/proto/seat.ts'
import { refuse } from '../refused.ts'
import type { Hold, Signed } from './take.ts'

export function readVerdict(body: unknown): SentVerdict {
  const read = SentVerdict.strict().safeParse(body)
  if (read.success) return read.data
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'The body'}: ${message}.`)
  return refuse(
    400,
    `The verdict cannot be read. ${problems.join(' ')}`,
    'Send it again as docs/reviewers.md shows it.',
  )
}

export async function signedBy(seat: string, { request, repository }: Hold, sent: SentVerdict): Promise<Signed> {
  const { id, data } = request
  const { judged, approved } = data
  const mine = data.earlier.filter((finding) => finding.seat === seat)
  const persons = mine.filter((finding) => finding.personOnly)
  const earlier = mine.filter((finding) => !finding.personOnly)
  const judgement = { ...sent, earlier: sent.earlier.filter(({ findingId }) => !has(persons, findingId)) }
  const problem = await problemOf(judgement, {
    earlier,
    criteria: approved.requirements.criteria.map((criterion) => criterion.id),
    linesOf: (path) => linesOf(repository, judged, path),
  })
  if (problem)
    refuse(400, problem.replaceAll('\n', ' '), 'The request is still yours: mend the verdict and send it again.')

  const note = 'Only a person may dismiss it.'
  const own = { findings: persons, earlier: persons.map((one) => ({ findingId: one.id, resolved: false, note })) }
  const verdict = verdictOf(judgement, { seat, request: id, earlier, own })
  return { verdict: { seat, judged, ...verdict }, occupant: sent.occupant, usage: sent.usage }
}

const has = (findings: readonly Finding[], id: string): boolean => findings.some((finding) => finding.id === id)

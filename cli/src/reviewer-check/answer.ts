/** Whether what a reviewer said is an answer to what it was asked: everything that is not, in sentences. */
import { linesOf, problemOf } from '@sluice/kit/judgement.ts'
import type { Repository } from '@sluice/kit/repository.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import { parseEvent, type Review } from '@sluice/proto/events.ts'
import { isSame } from '@sluice/proto/story/review.ts'
import type { Request } from './request.ts'

export type Verdict = EventOf<typeof Review.completed>
/** One message as it stood on the bus. */
export type Heard = { subject: string; text: string; messageId: string | null; at: number }

export type Read = { verdict: Verdict | null; problems: string[] }

export async function readAnswer(heard: Heard, request: Request, seat: string, repository: Repository): Promise<Read> {
  const parsed = parseEvent(heard.subject, jsonIn(heard.text))
  if (parsed.kind !== 'event')
    return {
      verdict: null,
      problems: [`It cannot be read: ${parsed.kind === 'unknown' ? parsed.type : parsed.reason}`],
    }
  const { event } = parsed
  if (event.type !== 'review.completed') {
    const why = 'reason' in event.data ? `: ${event.data.reason}` : ''
    return { verdict: null, problems: [`It gave no verdict but ${event.type}${why}`] }
  }
  return {
    verdict: event,
    problems: [...formProblems(event, heard, request, seat), ...(await ruleProblems(event, request, repository))],
  }
}

function formProblems(event: Verdict, { messageId }: Heard, { id, storyId, data }: Request, seat: string): string[] {
  const { request, judged } = event.data
  return [
    ...when(request !== id, `It answers ${request}, not the request ${id}.`),
    ...when(event.storyId !== storyId, `It is about the story ${event.storyId}, not ${storyId}.`),
    ...when(event.data.seat !== seat, `It is signed as ${event.data.seat}, not ${seat}.`),
    ...when(!isSame(judged, data.judged), 'It judges another commit than the one in the request.'),
    ...when(messageId === null, 'It has no Nats-Msg-Id: said twice it would stand in the log twice.'),
    ...when(messageId !== null && messageId !== event.id, 'Its Nats-Msg-Id is not the id of the event.'),
    ...when(event.causationId !== id, 'Its causationId does not name the request.'),
  ]
}

/** The rules every reviewer is held to; findings that stand from an earlier round keep their names. */
async function ruleProblems(
  { data: verdict, source }: Verdict,
  { data }: Request,
  repository: Repository,
): Promise<string[]> {
  const earlier = data.earlier.filter((finding) => finding.seat === source)
  const known = new Set(earlier.map((finding) => finding.id))
  const findings = verdict.findings.filter((finding) => !known.has(finding.id))
  const twice = new Set(verdict.findings.map(({ id }) => id)).size < verdict.findings.length
  const problem = await problemOf(
    { ...verdict, findings },
    {
      earlier,
      criteria: data.approved.requirements.criteria.map((criterion) => criterion.id),
      linesOf: (path) => linesOf(repository, data.judged, path),
    },
  )
  return [
    ...(problem?.split('\n') ?? []),
    ...when(twice, 'Two of its findings have the same id.'),
    ...when(
      verdict.findings.some((one) => one.seat !== source),
      'A finding is signed by another seat.',
    ),
  ]
}

const when = (is: boolean, sentence: string): string[] => (is ? [sentence] : [])

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The same word again, whatever else the messages say. */
export const isSameVerdict = (a: Verdict, b: Verdict): boolean => wordOf(a) === wordOf(b)

const wordOf = ({ data: { verdict, findings, judged } }: Verdict): string =>
  JSON.stringify([verdict, judged.commit, findings.map(({ path, startLine, claim }) => [path, startLine, claim])])

/** What is asked of a reviewer, one thing after the other, and what it makes of each. */
import { isSameVerdict, readAnswer, type Verdict } from './answer.ts'
import type { Occupant } from './occupant.ts'
import { earlierOf } from './request.ts'
import { PLANTED, type SampleName } from './samples.ts'
import { ACK_WAIT_MS, type Asked, type Trial } from './trial.ts'

/** `ok` is null for what could not be tried. */
export type Outcome = { name: string; ok: boolean | null; says: string }
export type Report = { seat: string; ok: boolean; checks: Outcome[]; faultFound: boolean | null }

/** `start` begins the command anew; null when somebody else runs it. */
export type Trying = { trial: Trial; start: (() => Occupant) | null; tell(outcome: Outcome): void }

const LEAVE_MS = 10_000
/** Longer than the broker waits before it delivers again. */
const SETTLE_MS = 15_000
const names: Record<SampleName, string> = {
  ...{
    clean: 'a clean change',
    fault: 'a change with a fault',
    'second-round': 'a second round',
    large: 'a large diff',
  },
  names: 'unusual file names',
}

export async function checkReviewer({ trial, start, tell }: Trying): Promise<Report> {
  const checks: Outcome[] = []
  let occupant = start?.() ?? null
  let faultFound: boolean | null = null
  let longest = 0
  const note = (name: string, ok: boolean | null, says: string) => {
    checks.push({ name, ok, says })
    tell({ name, ok, says })
  }
  const report = (): Report => ({
    ...{ seat: trial.seat, checks, faultFound },
    ok: checks.every(({ ok }) => ok !== false),
  })

  try {
    const clean = await answers('clean')
    if (!clean) return report()
    const fault = await answers('fault')
    faultFound = fault?.verdict.data.findings.some(({ path }) => path === PLANTED) ?? null
    await answers('second-round')
    await answers('large')
    await answers('names')
    await keptAlive()
    await leavesOthersAlone()
    await saysTheSameAgain(clean)
    await survivesGarbage()
    await leavesCleanly()
    return report()
  } finally {
    await occupant?.[Symbol.asyncDispose]()
  }

  async function answers(name: SampleName): Promise<{ asked: Asked; verdict: Verdict } | null> {
    const asked = await trial.ask(name, name === 'second-round' ? { earlier: earlierOf(trial.seat) } : {})
    const [read, late] = await answerTo(asked)
    const { verdict } = read
    note(`answers ${names[name]}`, read.problems.length === 0, read.problems[0] ? read.problems.join('\n') : late)
    return verdict && { asked, verdict }
  }

  /** Its first answer, and how long it took or why there is none. */
  async function answerTo(asked: Asked): Promise<[Awaited<ReturnType<typeof readAnswer>>, string]> {
    await trial.until(() => trial.heard(asked).length > 0 || ended() !== null, trial.withinMs)
    const [first] = trial.heard(asked)
    const nothing = ended() ?? `No answer before the deadline, ${trial.withinMs / 1000} s.`
    if (!first) return [{ verdict: null, problems: [nothing] }, '']
    const read = await readAnswer(first, asked.request, trial.seat, trial.repository)
    const found = read.verdict?.data.findings.length ?? 0
    const said = `${read.verdict?.data.verdict}, ${found} finding${found === 1 ? '' : 's'}`
    const took = first.at - asked.at
    longest = Math.max(longest, took)
    return [read, `${said}, after ${(took / 1000).toFixed(1)} s`]
  }

  function ended(): string | null {
    return occupant?.ended() ?? null
  }

  /** Every delivery beyond the first is one for which no sign of life came. */
  async function keptAlive(): Promise<void> {
    const idle = await emptyHanded()
    const { again, inHand } = await trial.hand()
    const left = `${inHand} requests are still in its hand.`
    note('acknowledges what it answered', idle, idle ? 'nothing was left in its hand' : left)
    const due =
      longest > ACK_WAIT_MS / 3 ? 'none had to be given to another' : 'it was quicker than a sign of life is due'
    const fell = `${again} deliveries too many: without a sign of life a request goes to the next who asks.`
    note('keeps its requests', again === 0, again === 0 ? due : fell)
  }

  function emptyHanded(): Promise<boolean> {
    return trial.until(
      async () => {
        const { inHand, waiting } = await trial.hand()
        return ended() !== null || (inHand === 0 && waiting === 0)
      },
      Math.min(SETTLE_MS, trial.withinMs),
    )
  }

  async function leavesOthersAlone(): Promise<void> {
    const asked = await trial.ask('clean', { seats: ['another-seat'] })
    const passed = await emptyHanded()
    const silent = trial.heard(asked).length === 0
    const says = !silent
      ? 'It answered a request that does not name its seat.'
      : 'It kept a request that is not its own.'
    note(
      'leaves other seats alone',
      passed && silent && !ended(),
      ended() ?? (passed && silent ? 'passed on, no word' : says),
    )
  }

  async function survivesGarbage(): Promise<void> {
    await trial.garbage()
    const asked = await trial.ask('clean')
    const [{ verdict }] = await answerTo(asked)
    const passed = await emptyHanded()
    const says = ended() ?? (verdict ? 'It keeps getting messages nobody can read.' : 'After it, nothing was answered.')
    const ok = verdict !== null && passed && !ended()
    note('survives garbage', ok, ok ? 'passed on, and the next request was answered' : says)
  }

  async function saysTheSameAgain({ asked, verdict }: { asked: Asked; verdict: Verdict }): Promise<void> {
    const before = trial.heard(asked).length
    await trial.askAgain(asked)
    const passed = await emptyHanded()
    const read = await Promise.all(
      trial
        .heard(asked)
        .slice(before)
        .map((heard) => readAnswer(heard, asked.request, trial.seat, trial.repository)),
    )
    const others = read.filter((one) => !one.verdict || !isSameVerdict(one.verdict, verdict))
    const otherwise = others.length > 0
    const ok = passed && !otherwise && !ended()
    const says = otherwise ? 'It answered otherwise than the first time.' : 'It kept the request and said nothing.'
    note('says the same again', ok, ok ? (read.length > 0 ? 'the same verdict' : 'no second word') : (ended() ?? says))
  }

  /** Three are waiting, one at least in its hand, when it is told to leave; the next occupant must find them all. */
  async function leavesCleanly(): Promise<void> {
    const name = 'leaves on SIGTERM'
    if (!occupant || !start) return note(name, null, 'not tried: it is not ours to stop')
    const before = (await trial.hand()).deliveries
    const asked = [await trial.ask('large'), await trial.ask('clean'), await trial.ask('fault')]
    await trial.until(async () => (await trial.hand()).deliveries > before || ended() !== null, trial.withinMs)

    const inTime = await occupant.leave(LEAVE_MS)
    const left = !(await trial.until(async () => (await trial.hand()).inHand === 0, 2_000))
    const said = asked.filter((one) => trial.heard(one).length > 0).length
    occupant = start()
    for (const one of asked) await answerTo(one)
    await emptyHanded()

    const idsOf = (one: Asked) => new Set(trial.heard(one).map(({ messageId, text }) => messageId ?? text))
    const lost = asked.filter((one) => trial.heard(one).length === 0).length
    const twice = asked.filter((one) => idsOf(one).size > 1).length
    const problems = [
      ...(inTime ? [] : [`It did not leave within ${LEAVE_MS / 1000} s.`]),
      ...(left ? ['It left with a request in its hand: finish it, or give it back before you go.'] : []),
      ...(lost > 0 ? [`${lost} of 3 requests were never answered.`] : []),
      ...(twice > 0 ? [`${twice} of 3 requests were answered twice.`] : []),
    ]
    note(
      name,
      problems.length === 0,
      problems.join('\n') || `${said} finished, ${3 - said} left for the next; none lost`,
    )
  }
}

/** `sluice reviewer check`: tries a reviewer on sample requests, in a house of its own. */

import { readArgs } from '../args.ts'
import { plainEnv } from '../child-env.ts'
import { Misuse } from '../misuse.ts'
import { checkReviewer, type Outcome, type Report } from '../reviewer-check/checks.ts'
import { startOccupant } from '../reviewer-check/occupant.ts'
import { openTrial, type Trial } from '../reviewer-check/trial.ts'
import { paint, plainLines, print, printJson, say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice reviewer check SEAT [--within SECONDS] [--json] [-- COMMAND …]'

export const reviewerCheck: Verb = {
  name: 'reviewer check',
  summary:
    'Tries a reviewer on sample requests: whether it keeps the contract, not whether it judges well; exit 1 if it does not.',
  usage,
  async run(args) {
    const end = args.indexOf('--')
    const [own, command] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)]
    const options = { json: { type: 'boolean' }, within: { type: 'string' } } as const
    const { values, positionals } = readArgs(own, { usage, options, words: ['SEAT'] })
    const [seat = ''] = positionals
    if (end >= 0 && command.length === 0) throw new Misuse(`COMMAND is missing. Usage: ${usage}`)

    await using trial = await openTrial(seatNamed(seat), secondsOf(values.within) * 1000)
    const environment = { ...plainEnv(process.env), ...trial.env }
    const start = command.length > 0 ? () => startOccupant(command, environment) : null
    if (!start) invite(trial)
    const tell = (outcome: Outcome) => void (values.json || print(lineOf(outcome)))
    const report = await checkReviewer({ trial, start, tell })
    if (values.json) printJson(report)
    else print(endOf(report))
    return report.ok ? 0 : 1
  },
}

const DEFAULT_SECONDS = 120

function secondsOf(text = String(DEFAULT_SECONDS)): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds >= 1 && seconds <= 3_600) return seconds
  throw new Misuse(`${text} is no number of seconds from 1 to 3600. Usage: ${usage}`)
}

function seatNamed(seat: string): string {
  if (/^[a-z][a-z0-9-]{0,39}$/.test(seat)) return seat
  throw new Misuse(
    `${seat} cannot name a seat: lower-case letters, digits and hyphens, a letter first. Usage: ${usage}`,
  )
}

/** Whoever is to be tried is started by the person. */
function invite({ env, withinMs }: Trial): void {
  say(`Start your reviewer within ${withinMs / 1000} s, with this environment:\n`)
  for (const [name, value] of Object.entries(env)) say(`export ${name}='${value}'`)
  say('')
}

const marks = { true: paint('green', '✓'), false: paint('red', '✗'), null: paint('dim', '–') }

function lineOf({ name, ok, says }: Outcome): string {
  const [first = '', ...more] = plainLines(says).split('\n')
  const rest = more.map((line) => `\n  ${' '.repeat(30)}  ${line}`).join('')
  return `${marks[`${ok}`]} ${name.padEnd(30)}  ${first}${rest}`
}

function endOf({ ok, checks, faultFound }: Report): string {
  const failed = checks.filter((check) => check.ok === false).length
  const found = faultFound === null ? [] : [`The planted fault was ${faultFound ? 'found' : 'not found'} (not judged).`]
  const verdict = ok
    ? 'It keeps the contract.'
    : `${failed} of ${checks.length} checks failed: docs/reviewers.md says what is expected.`
  return ['', ...found, verdict].join('\n')
}

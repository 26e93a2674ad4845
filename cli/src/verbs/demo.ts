/** `sluice demo --auto`: plays the demo's three stories to the end by itself; exit 0 only if all are merged and the demo's checks pass. */
import { inspect } from 'node:util'
import { Refusal } from '@sluice/kit/errors.ts'
import { readArgs } from '../args.ts'
import type { Played } from '../demo/play.ts'
import { type DemoResult, resultOf, resultTable } from '../demo/results.ts'
import { endOn } from '../ending.ts'
import { Misuse } from '../misuse.ts'
import { print, printJson, say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice demo [--auto [--json] [--keep] [--limit MINUTES]] [--implementers N]'
const DEFAULT_IMPLEMENTERS = '3'
const DEFAULT_LIMIT = '20'
const flag = { type: 'boolean' } as const

export const demo: Verb = {
  name: 'demo',
  summary: 'Plays the three demo stories; with --auto by itself, to the end, without a terminal.',
  usage,
  async run(args) {
    const text = { type: 'string' } as const
    const options = { auto: flag, json: flag, keep: flag, implementers: text, limit: text }
    const { values } = readArgs(args, { usage, options })
    if (!values.auto) return await openForPerson(values)

    const implementers = wholeNumber('--implementers', values.implementers ?? DEFAULT_IMPLEMENTERS)
    const minutes = wholeNumber('--limit', values.limit ?? DEFAULT_LIMIT)
    const tell = values.json ? say : print
    const { result, lines } = await playToEnd({ implementers, minutes, keep: values.keep === true, tell })
    if (values.json) printJson(result)
    for (const line of lines) tell(line)
    return result.ok ? 0 : 1
  },
}

async function openForPerson({
  json,
  keep,
  implementers,
}: {
  json?: boolean
  keep?: boolean
  implementers?: string
}): Promise<number> {
  if (json || keep) throw new Misuse(`--json and --keep go with --auto. Usage: ${usage}`)
  say('Opens the demo for you, as `sluice up` does. `sluice demo --auto` plays it by itself.')
  const { up } = await import('../up.ts')
  return await up.run(implementers ? ['--implementers', implementers] : [])
}

type Playing = { implementers: number; minutes: number; keep: boolean; tell(line: string): unknown }

/** Whatever goes wrong on the way is one sentence and a result that is not ok. */
async function playToEnd({
  implementers,
  minutes,
  keep,
  tell,
}: Playing): Promise<{ result: DemoResult; lines: string[] }> {
  using ending = endOn(minutes * 60_000)
  const { playDemo } = await import('../demo/play.ts')
  try {
    const played = await playDemo({ implementers, keep, signal: ending.signal, say: tell })
    return {
      result: resultOfAll(played),
      lines: ['', ...resultTable(played.followed, played.landed.commits), '', verdict(played)],
    }
  } catch (error) {
    const reason = ending.signal.aborted ? ending.signal.reason : error
    // Whoever reads stdout gets their one object also when it is our own bug.
    const told = reason instanceof Refusal ? `sluice: ${reason.message}` : inspect(reason)
    return { result: { ok: false, stories: [], events: 0 }, lines: [told] }
  }
}

function resultOfAll({ followed, landed }: Played): DemoResult {
  const events = followed.reduce((sum, one) => sum + one.events.length, 0)
  return { ok: landed.ok, stories: followed.map(resultOf), events }
}

function verdict({ followed, landed }: Played): string {
  const shipped = followed.filter(({ story }) => story.status === 'shipped').length
  if (shipped < followed.length)
    return `${shipped} of ${followed.length} stories are merged: the demo did not come to its end.`
  return landed.ok
    ? `All ${shipped} stories are merged and the project's own checks pass on its main branch.`
    : 'All stories are merged, but the main branch is not what it should be.'
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new Misuse(`${option} takes a whole number above zero, not ${text}. Usage: ${usage}`)
}

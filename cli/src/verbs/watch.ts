/** `sluice watch`: every event of every story as it is recorded, or of one story from its beginning to its end. */

import { houseOptions, readArgs } from '../args.ts'
import { Misuse } from '../misuse.ts'
import { openRest } from '../opened.ts'
import { chooseHouse } from '../running-house.ts'
import { findStory } from '../stories.ts'
import { paint, print, say, screenWidth } from '../terminal.ts'
import { followTodo } from '../todo-follow.ts'
import { todoLines } from '../todo-lines.ts'
import type { Verb } from '../verb.ts'
import { watchLines } from '../watch-line.ts'
import { type Seen, watchEvents } from '../watching.ts'

const usage = `sluice watch [STORY] [--type PATTERN]… [--source NAME]… [--from SEQ] [--json] [--demo | --work]

  STORY           only this story: all it has recorded, then live, with the agent's list as it
                  changes (on stderr); ends when the story does
  --type PATTERN  only events of this type; * stands for anything: gate.*, *.failed
  --source NAME   only what this one said: web, orchestrator, implementer, …
  --from SEQ      begin at this sequence of the stream (1 is everything)
  --json          one JSON object a line: { sequence, subject, event }`

const options = {
  ...houseOptions,
  type: { type: 'string', multiple: true },
  source: { type: 'string', multiple: true },
  from: { type: 'string' },
} as const

export const watch: Verb = {
  name: 'watch',
  summary: 'Shows every event as it is recorded, with who said it and what caused it; --json for programs.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options, rest: true })
    if (positionals.length > 1) throw new Misuse(`One story at a time. Usage: ${usage}`)
    const { rest } = await openRest(values)
    const story = positionals[0] ? (await findStory(rest, positionals[0])).id : undefined
    const from = values.from === undefined ? (story ? 1 : undefined) : sequenceOf(values.from)
    const wanted = filterOf(values)
    const lines = watchLines({ width: screenWidth() })
    const stop = new AbortController()

    // Beside the events, which alone are what --json says.
    const onChange = (todo: string[]) => say(paint('dim', ['The agent’s list:', ...todo].join('\n')))
    const read = () => todoLines(rest, story ?? '')
    if (story && !values.json) void followTodo({ read, onChange, signal: stop.signal })

    await watchEvents({
      ...{ place: () => chooseHouse(values), signal: stop.signal },
      ...(story ? { storyId: story } : {}),
      ...(from === undefined ? {} : { from }),
      onEvent(seen) {
        // Each is looked at, so that a cause that was filtered out is still known by its number.
        const line = lines.of(seen)
        if (wanted(seen)) print(values.json ? JSON.stringify(seen) : line)
        if (story && /^story\.(shipped|cancelled)$/.test(seen.event.type)) stop.abort()
      },
      onLine: (isUp) =>
        say(paint('yellow', isUp ? '— The line is back. —' : '— The line is away; it is waited for. —')),
    })
    return 0
  },
}

function sequenceOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new Misuse(`${text} is no sequence: --from takes a whole number from 1 on.`)
}

type Filter = { type?: string[] | undefined; source?: string[] | undefined }

function filterOf({ type = [], source = [] }: Filter): (seen: Seen) => boolean {
  const types = type.flatMap((one) => one.split(',')).map(patternOf)
  const sources = source.flatMap((one) => one.split(','))
  return ({ event }) =>
    (types.length === 0 || types.some((pattern) => pattern.test(event.type))) &&
    (sources.length === 0 || sources.includes(event.source))
}

const patternOf = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)

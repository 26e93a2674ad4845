/** `sluice trace`: a story as a tree of spans over services, or as the list of its events. */
import { type Span, Trace } from '@sluice/proto/rest.ts'
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory } from '../command.ts'
import { said, whoSaid } from '../said.ts'
import { spanTree } from '../span-tree.ts'
import { type Logged, readStory } from '../stories.ts'
import { table } from '../table.ts'
import { print, printJson } from '../terminal.ts'
import { clock } from '../units.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice trace ID [--events | --otlp] [--json] [--demo | --work]'

export const trace: Verb = {
  name: 'trace',
  summary:
    'Shows a story as a tree of spans over services with times, who and cost; --events lists its events, --otlp is for trace viewers.',
  usage,
  async run(args) {
    const options = { ...houseOptions, events: { type: 'boolean' }, otlp: { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const { card, rest } = await aboutStory(positionals[0] ?? '', values)
    if (values.events) {
      const { events } = await readStory(rest, card.id)
      return values.json ? printJson({ storyId: card.id, events }) : print(eventTable(events).join('\n'))
    }
    const path = `/api/stories/${encodeURIComponent(card.id)}/trace`
    if (values.otlp) return print(await rest.text(`${path}?as=otlp`))
    const traced = await rest.get(path, Trace)
    return values.json ? printJson(traced) : print(spanTree(lasting(traced.spans), { now: Date.now() }).join('\n'))
  },
}

/** What was said at one moment is listed by `--events`. */
const lasting = (spans: Span[]): Span[] => spans.filter(({ kind }) => kind !== 'event')

const eventTable = (events: Logged[]): string[] =>
  table(
    events.map(({ sequence, event }) => [String(sequence), clock(event.time), event.type, whoSaid(event), said(event)]),
    { head: ['SEQ', 'TIME', 'EVENT', 'WHO', 'SAYS'], right: [0] },
  )

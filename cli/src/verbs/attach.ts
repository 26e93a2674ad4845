/** `sluice attach`: the terminal of a story's running agent, as it is and as it goes on; to look at, not to type into. */
import { Refusal } from '@sluice/kit/errors.ts'
import { TermEvent } from '@sluice/proto/term.ts'
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory } from '../command.ts'
import { eventsIn } from '../event-stream.ts'
import { harmless } from '../harmless.ts'
import { print, say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice attach ID [--json] [--demo | --work]'
/** Colours, other screen and cursor as they were. */
const RESTORED = '\u001b[0m\u001b[?1049l\u001b[?25h'
const CLEARED = '\u001b[0m\u001b[H\u001b[2J'

export const attach: Verb = {
  name: 'attach',
  summary: 'Shows the terminal of a running agent, live and read only; Ctrl-C leaves it, the agent goes on.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: houseOptions, words: ['ID'] })
    const { card, rest } = await aboutStory(positionals[0] ?? '', values)
    if (card.status !== 'running')
      throw new Refusal(
        `Story ${card.id} has ended: nothing runs.`,
        `\`sluice replay ${card.id}\` plays its recording.`,
      )
    say(`Watching ${card.id}, read only. Ctrl-C leaves; the agent goes on.`)
    const body = await rest.stream(`/api/stories/${encodeURIComponent(card.id)}/terminal`)
    const show = values.json ? asJson : onScreen()
    try {
      for await (const { event, data } of eventsIn(body)) if (event === 'frame') show(TermEvent.parse(JSON.parse(data)))
    } finally {
      if (!values.json && process.stdout.isTTY) process.stdout.write(RESTORED)
    }
    say(`Nothing more is shown of ${card.id}: it has ended, or Sluice has.`)
    return 0
  },
}

const asJson = (event: TermEvent): void => void print(JSON.stringify(event))

function onScreen(): (event: TermEvent) => void {
  let run = ''
  let pass = harmless()
  return ({ source, runId, frame }) => {
    if (runId !== run || frame.screen) {
      run = runId
      pass = harmless()
      if (process.stdout.isTTY) process.stdout.write(CLEARED)
      const { columns = frame.cols, rows = frame.rows } = process.stdout
      if (columns < frame.cols || rows < frame.rows)
        say(
          `The terminal of ${source} is ${frame.cols}×${frame.rows}, larger than yours (${columns}×${rows}): lines will wrap.`,
        )
    }
    process.stdout.write(pass(frame.data))
    if (frame.ended) say('\nThe shell has ended.')
  }
}

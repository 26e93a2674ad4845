/** `sluice story budget`: moves the hard line of a story in US dollars. */
import { houseOptions, readArgs, readUsd } from '../args.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import { usd } from '../units.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story budget ID USD [--json] [--demo | --work]'

export const storyBudget: Verb = {
  name: 'story budget',
  summary: 'Sets what a story may spend in all; a run parked for it goes on.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: houseOptions, words: ['ID', 'USD'] })
    const budgetUsd = readUsd(positionals[1] ?? '', usage)
    const about = await aboutStory(positionals[0] ?? '', values)

    const event = await sendCommand(about, 'budget', { budgetUsd })
    return report(about, values, { events: [event], text: `Story ${about.card.id} may now spend ${usd(budgetUsd)}.` })
  },
}

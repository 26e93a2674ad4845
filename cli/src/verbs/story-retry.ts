/** `sluice story retry`: asks again for what failed, or waits for something the person has mended. */
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story retry ID [--comment TEXT] [--json] [--demo | --work]'

export const storyRetry: Verb = {
  name: 'story retry',
  summary: 'Asks again for what failed, or for what you have mended.',
  usage,
  async run(args) {
    const options = { ...houseOptions, comment: { type: 'string' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const about = await aboutStory(positionals[0] ?? '', values)

    const event = await sendCommand(about, 'retry', values.comment ? { comment: values.comment } : {})
    return report(about, values, { events: [event], text: `Story ${about.card.id} is tried again.` })
  },
}

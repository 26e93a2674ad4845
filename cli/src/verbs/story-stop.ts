/** `sluice story stop`: ends at once what is being done for a story; the story itself stays, and asks the person. */
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story stop ID [--reason TEXT] [--json] [--demo | --work]'

export const storyStop: Verb = {
  name: 'story stop',
  summary: 'Ends at once what is being done for a story and asks you; `story cancel` ends the story itself.',
  usage,
  async run(args) {
    const options = { ...houseOptions, reason: { type: 'string' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const about = await aboutStory(positionals[0] ?? '', values)
    const event = await sendCommand(about, 'stop', values.reason ? { reason: values.reason } : {})
    const { id } = about.card
    const text = `Story ${id} is stopped. ${event.says ?? ''} \`sluice story steer ${id} "…"\` and \`sluice story resume ${id}\` let it go on.`
    return report(about, values, { events: [event], text: text.replace('  ', ' ') })
  },
}

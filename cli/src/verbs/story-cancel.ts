/** `sluice story cancel`: ends a story; its branch and worktree stay. */
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story cancel ID [--reason TEXT] [--json] [--demo | --work]'

export const storyCancel: Verb = {
  name: 'story cancel',
  summary: 'Ends a story; its branch and worktree stay.',
  usage,
  async run(args) {
    const options = { ...houseOptions, reason: { type: 'string' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const about = await aboutStory(positionals[0] ?? '', values)

    const event = await sendCommand(about, 'cancel', values.reason ? { reason: values.reason } : {})
    return report(about, values, { events: [event], text: `Cancelled ${about.card.id}; its branch stays.` })
  },
}

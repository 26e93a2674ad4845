/** `sluice story pause`: parks who works after what it does now, and asks nothing new. */
import { houseOptions, readArgs } from '../args.ts'
import { holdStories } from '../hold-stories.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story pause ID | --all [--reason TEXT] [--json] [--demo | --work]'

export const storyPause: Verb = {
  name: 'story pause',
  summary: 'Parks who works on a story after what it does now, and asks nothing new. --all pauses every story.',
  usage,
  async run(args) {
    const options = { ...houseOptions, all: { type: 'boolean' }, reason: { type: 'string' } } as const
    const { values, positionals } = readArgs(args, { usage, options, rest: true })
    const body = values.reason ? { reason: values.reason } : {}
    const isMeant = (card: { held?: string | undefined }) => card.held === undefined
    return holdStories(positionals[0], values, { verb: 'pause', body, usage, isMeant, done: 'is paused' })
  },
}

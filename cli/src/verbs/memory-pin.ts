/** `sluice memory pin`: an entry that comes first wherever it fits. */
import { houseOptions, readArgs } from '../args.ts'
import { speakOf } from '../memory.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice memory pin ENTRY [--undo] [--json] [--demo | --work]'

export const memoryPin: Verb = {
  name: 'memory pin',
  summary: 'Lets an entry come first wherever it fits; --undo takes the pin out.',
  usage,
  async run(args) {
    const options = { ...houseOptions, undo: { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ENTRY'] })
    const pinned = values.undo !== true
    return speakOf(positionals[0] ?? '', values, {
      ...{ verb: 'pin', body: { pinned } },
      done: (title) => (pinned ? `“${title}” comes first where it fits.` : `“${title}” is pinned no more.`),
    })
  },
}

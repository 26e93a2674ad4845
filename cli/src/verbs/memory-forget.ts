/** `sluice memory forget`: an entry nobody is told of any more. */
import { houseOptions, readArgs } from '../args.ts'
import { speakOf } from '../memory.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice memory forget ENTRY [--undo] [--json] [--demo | --work]'

export const memoryForget: Verb = {
  name: 'memory forget',
  summary: 'Tells nobody of an entry any more, and finds it no more; --undo brings it back.',
  usage,
  async run(args) {
    const options = { ...houseOptions, undo: { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ENTRY'] })
    const forgotten = values.undo !== true
    const name = positionals[0] ?? ''
    return speakOf(name, values, {
      ...{ verb: 'forget', body: { forgotten } },
      done: (title) =>
        forgotten
          ? `“${title}” is forgotten. \`sluice memory forget ${name} --undo\` brings it back.`
          : `“${title}” is remembered again.`,
    })
  },
}

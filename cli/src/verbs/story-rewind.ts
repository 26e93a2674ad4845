/** `sluice story rewind`: puts the files of a story back to a checkpoint, whatever the story waits for. */
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import { Misuse } from '../misuse.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story rewind ID N [--file PATH]... [--and-talk] [--json] [--demo | --work]'

export const storyRewind: Verb = {
  name: 'story rewind',
  summary:
    'Puts the files back to checkpoint N, or only each --file. What they hold now is a checkpoint first. The conversation is kept; --and-talk cuts it there too.',
  usage,
  async run(args) {
    const file = { type: 'string', multiple: true } as const
    const options = { ...houseOptions, file, 'and-talk': { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID', 'N'] })
    const n = Number(positionals[1])
    if (!Number.isInteger(n) || n < 1)
      throw new Misuse(`${positionals[1]} is no number of a checkpoint. Usage: ${usage}`)
    const about = await aboutStory(positionals[0] ?? '', values)

    const body = { n, ...(values.file && { files: values.file }), talk: values['and-talk'] ? 'cut' : 'kept' }
    const event = await sendCommand(about, 'rewind', body)
    const what = values.file ? values.file.join(', ') : 'The files'
    const text = `${what} of story ${about.card.id} go back to checkpoint ${n}; the implementer goes on from there. Forward again: \`sluice story checkpoints ${about.card.id}\` names what they held before.`
    return report(about, values, { events: [event], text })
  },
}

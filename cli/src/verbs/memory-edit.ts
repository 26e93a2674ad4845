/** `sluice memory edit`: puts right what an entry tells agents; what was recorded is kept and can be had back. */
import { houseOptions, readArgs } from '../args.ts'
import { speakOf } from '../memory.ts'
import { Misuse } from '../misuse.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice memory edit ENTRY [--title TITLE] [--text TEXT] [--as-recorded] [--json] [--demo | --work]'
const text = { type: 'string' } as const

export const memoryEdit: Verb = {
  name: 'memory edit',
  summary: 'Changes the title or the text of an entry; --as-recorded takes all edits back.',
  usage,
  async run(args) {
    const options = { ...houseOptions, title: text, text, 'as-recorded': { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ENTRY'] })
    const { title, text: told } = values
    const back = values['as-recorded'] === true
    if (back === (title !== undefined || told !== undefined))
      throw new Misuse(`Say --title or --text, or else --as-recorded. Usage: ${usage}`)
    const body = back
      ? { title: null, text: null }
      : { ...(title !== undefined && { title }), ...(told !== undefined && { text: told }) }
    return speakOf(positionals[0] ?? '', values, {
      ...{ verb: 'edit', body },
      done: (was) => (back ? `“${was}” is as it was recorded.` : `“${was}” is edited.`),
    })
  },
}

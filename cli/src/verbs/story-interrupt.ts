/** `sluice story interrupt`: ends what an agent is doing this moment; it waits a minute for words, then goes on. */
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory } from '../command.ts'
import { sendInterrupt } from '../interrupt.ts'
import { print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story interrupt ID [--to ROLE] [--json] [--demo | --work]'

export const storyInterrupt: Verb = {
  name: 'story interrupt',
  summary: 'Ends what an agent is doing this moment; it waits a minute for your words, then goes on.',
  usage,
  async run(args) {
    const options = { ...houseOptions, to: { type: 'string' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const about = await aboutStory(positionals[0] ?? '', values)
    const reached = await sendInterrupt(about, values.to ? { role: values.to } : {})
    if (values.json) return printJson({ id: about.card.id, ...reached })
    return print(`${reached.role} is interrupted and waits for you: \`sluice story steer ${about.card.id} "…"\`.`)
  },
}

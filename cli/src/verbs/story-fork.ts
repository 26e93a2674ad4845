/** `sluice story fork`: another story from what this one's gates let pass, with another engine or model if asked to. */
import { Submitted } from '@sluice/proto/rest.ts'
import { houseOptions, readArgs, readUsd } from '../args.ts'
import { choiceOptions, choicesIn, choiceUsage } from '../choice-args.ts'
import { aboutStory } from '../command.ts'
import { Misuse } from '../misuse.ts'
import { print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const GATES = ['scope', 'design', 'architecture', 'review']
const usage = `sluice story fork ID --at ${GATES.join(' | ')} ${choiceUsage} [--title TITLE] [--budget USD] [--auto] [--json] [--demo | --work]`
const text = { type: 'string' } as const

export const storyFork: Verb = {
  name: 'story fork',
  summary:
    'Begins another story with the documents approved up to a gate, on the same base. At architecture it is built anew; at review it begins with the commit handed in.',
  usage,
  async run(args) {
    const flag = { type: 'boolean' } as const
    const options = { ...houseOptions, at: text, title: text, budget: text, ...choiceOptions, auto: flag }
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const { at = '', title, budget, auto } = values
    if (!GATES.includes(at)) throw new Misuse(`--at names a gate: ${GATES.join(', ')}. Usage: ${usage}`)
    const { rest, card } = await aboutStory(positionals[0] ?? '', values)

    const asked = { at, ...(title && { title }), ...(auto && { auto }), ...choicesIn(values, usage) }
    const body = { ...asked, ...(budget && { budgetUsd: readUsd(budget, usage) }) }
    const { id } = await rest.post(`/api/stories/${card.id}/fork`, body, Submitted)
    if (values.json) return printJson({ id, parent: card.id })
    return print(
      `Story ${id} is on its way from ${card.id}. Beside each other: \`sluice story compare ${card.id} ${id}\`.`,
    )
  },
}

/** `sluice story keep`: keeps one of several forks and cancels the others. */
import { Kept } from '@sluice/proto/rest.ts'
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory } from '../command.ts'
import { print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story keep ID [--reason TEXT] [--json] [--demo | --work]'

export const storyKeep: Verb = {
  name: 'story keep',
  summary: 'Keeps this one of several forks and cancels the others; their branches and worktrees stay.',
  usage,
  async run(args) {
    const options = { ...houseOptions, reason: { type: 'string' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const { rest, card } = await aboutStory(positionals[0] ?? '', values)
    const kept = await rest.post(`/api/stories/${card.id}/keep`, values.reason ? { reason: values.reason } : {}, Kept)
    if (values.json) return printJson(kept)
    const gone =
      kept.cancelled.length > 0 ? `Cancelled: ${kept.cancelled.join(', ')}.` : 'No sibling was still at work.'
    return print(`Story ${card.id} is kept. ${gone}`)
  },
}

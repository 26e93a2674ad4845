/** `sluice story checkpoints`: what every turn left behind, and how to go back to it. */
import { CheckpointView } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory } from '../command.ts'
import { table } from '../table.ts'
import { plain, print, printJson } from '../terminal.ts'
import { clock } from '../units.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story checkpoints ID [--json] [--demo | --work]'

export const storyCheckpoints: Verb = {
  name: 'story checkpoints',
  summary: 'Lists what the worktree held after each turn that changed files.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: houseOptions, words: ['ID'] })
    const { rest, card } = await aboutStory(positionals[0] ?? '', values)
    const all = await rest.get(`/api/stories/${card.id}/checkpoints`, z.array(CheckpointView))
    if (values.json) return printJson(all)
    if (all.length === 0)
      return print(`Story ${card.id} has no checkpoints yet: one is made after each turn that changes files.`)
    const rows = all.map(({ n, at, title, files }) => [String(n), clock(at), plain(title), filesText(files)])
    const mend = `Go back: sluice story rewind ${card.id} N`
    return print([...table([['N', 'At', 'What', 'Files'], ...rows], { right: [0], flexible: 2 }), '', mend].join('\n'))
  },
}

function filesText(files: CheckpointView['files']): string {
  const sum = (of: 'additions' | 'deletions') => files.reduce((all, file) => all + file[of], 0)
  const which = files.length === 1 ? plain(files[0]?.path ?? '') : `${files.length} files`
  return files.length === 0 ? '-' : `${which} +${sum('additions')} -${sum('deletions')}`
}

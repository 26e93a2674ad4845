/** `sluice completion`: a script that lets the shell finish what is typed. */
import { readArgs } from '../args.ts'
import { type Shell, scripts } from '../completion/shells.ts'
import { levelsOf } from '../completion/tree.ts'
import type { Verbs } from '../dispatch.ts'
import { Misuse } from '../misuse.ts'
import { openRest } from '../opened.ts'
import { readBoard } from '../stories.ts'
import { print } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice completion bash|zsh|fish'

export const completionOf = (verbs: Verbs): Verb => ({
  name: 'completion',
  summary: 'Prints a script that completes verbs, options and story ids; its first line says where to put it.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: { stories: { type: 'boolean' } }, rest: true })
    if (values.stories) return print((await storyIds()).join('\n'))
    const [shell = '', more] = positionals
    if (!Object.hasOwn(scripts, shell) || more !== undefined)
      throw new Misuse(`${shell ? `There is no completion for ${shell}.` : 'Name your shell.'} Usage: ${usage}`)
    return print(scripts[shell as Shell](await levelsOf(verbs)).trimEnd())
  },
})

async function storyIds(): Promise<string[]> {
  const { rest } = await openRest({})
  const { cards } = await readBoard(rest)
  return cards.map(({ id }) => id)
}

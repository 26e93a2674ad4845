/** `sluice models`: the models a story may choose, and what each can do. */
import { Models, type ModelView } from '@sluice/proto/rest.ts'
import { houseOptions, readArgs } from '../args.ts'
import { openRest } from '../opened.ts'
import { table } from '../table.ts'
import { plain, print, printJson, say } from '../terminal.ts'
import { short } from '../units.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice models [--json] [--demo | --work]'

export const models: Verb = {
  name: 'models',
  summary: 'Lists the models a story may choose: those your key may use whose price is known, and what each can do.',
  usage,
  async run(args) {
    const { values } = readArgs(args, { usage, options: houseOptions })
    const { rest } = await openRest(values)
    const told = await rest.get('/api/models', Models)
    if (values.json) return printJson(told)
    if (told.problem) say(told.problem)
    if (told.models.length === 0) return print('There is none.')
    const head = ['MODEL', 'EFFORTS', 'READS', 'WRITES', 'PICTURES']
    return print(table([head, ...told.models.map(row)], { flexible: 1 }).join('\n'))
  },
}

const UNKNOWN = '?'

const row = ({ id, efforts, context, maxTokens, images }: ModelView): string[] => [
  plain(id),
  efforts ? efforts.join(', ') || 'none' : UNKNOWN,
  context ? short(context) : UNKNOWN,
  maxTokens ? short(maxTokens) : UNKNOWN,
  images === undefined ? UNKNOWN : images ? 'yes' : 'no',
]

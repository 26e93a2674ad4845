/** `sluice story list`: every story, those that need the person first. */
import type { Card } from '@sluice/proto/rest.ts'
import { houseOptions, readArgs } from '../args.ts'
import { openRest } from '../opened.ts'
import { readBoard } from '../stories.ts'
import { table } from '../table.ts'
import { plain, print, printJson } from '../terminal.ts'
import { short, tokensOf, usd } from '../units.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story list [--json] [--demo | --work]'

export const storyList: Verb = {
  name: 'story list',
  summary: 'Lists every story with its stage and what it waits for.',
  usage,
  async run(args) {
    const { values } = readArgs(args, { usage, options: houseOptions })
    const { rest } = await openRest(values)
    const { cards } = await readBoard(rest)
    if (values.json) return printJson({ stories: cards })
    if (cards.length === 0) return print('No stories yet. Begin one with `sluice story new "What you want"`.')

    const waitingFirst = cards.toSorted(
      (a, b) => Number(b.needsPerson) - Number(a.needsPerson) || b.submitted.localeCompare(a.submitted),
    )
    return print(
      table(waitingFirst.map(row), {
        head: ['ID', 'STAGE', 'ROUND', 'TOKENS', 'COST', 'TITLE', 'NOW'],
        right: [2, 3, 4],
      }).join('\n'),
    )
  },
}

const row = (card: Card): string[] => [
  card.id,
  card.stage,
  card.round > 0 ? String(card.round) : '',
  short(tokensOf(card.usage)),
  usd(card.usage.costUsd),
  plain(card.title),
  now(card),
]

function now({ waitingFor, needsPerson, working, commit }: Card): string {
  if (waitingFor) return needsPerson ? `you: ${plain(waitingFor)}` : plain(waitingFor)
  return commit ? commit.slice(0, 12) : working.join(', ')
}

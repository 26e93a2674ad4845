/** `sluice story compare`: two stories side by side, and what differs from the one to the other. */
import { type Compared, Comparison } from '@sluice/proto/rest.ts'
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory } from '../command.ts'
import { section } from '../standing.ts'
import { table } from '../table.ts'
import { paint, plain, plainLines, print, printJson } from '../terminal.ts'
import { short, tokensOf, usd } from '../units.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story compare ID OTHER [--patch] [--json] [--demo | --work]'

export const storyCompare: Verb = {
  name: 'story compare',
  summary:
    'Shows two stories side by side: trees, cost, turns, rounds, findings, checks, time. --patch prints what differs.',
  usage,
  async run(args) {
    const options = { ...houseOptions, patch: { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID', 'OTHER'] })
    const { rest, card } = await aboutStory(positionals[0] ?? '', values)
    const other = await aboutStory(positionals[1] ?? '', values)
    const compared = await rest.get(`/api/stories/${card.id}/compare/${other.card.id}`, Comparison)
    if (values.json) return printJson(compared)
    if (values.patch) return print(plainLines(compared.patch).trimEnd())
    return print(lines(compared).join('\n'))
  },
}

function lines({ one, other, files }: Comparison): string[] {
  const rows = Object.entries(FACTS).map(([name, fact]) => [name, fact(one), fact(other)])
  const differ = files.map(({ path, additions, deletions }) => [`  ${plain(path)}`, `+${additions} -${deletions}`])
  const same = files.length === 0 ? ['  Nothing but their own documents.'] : table(differ, { flexible: 0 })
  return [
    paint('bold', plain(one.title)),
    ...table([['', one.id, other.id], ...rows]),
    ...section('Differs', same),
    ...section('Next', [`  sluice story keep ${one.id}`, `  sluice story keep ${other.id}`]),
  ]
}

const FACTS: Record<string, (side: Compared) => string> = {
  Stage: ({ stage }) => stage,
  'Works with': ({ chosen, occupants }) => plain(chosen || (occupants.implementer ?? '-')),
  Commit: ({ commit }) => commit.slice(0, 12),
  Changed: ({ files, additions, deletions }) => `${files} files +${additions} -${deletions}`,
  Cost: ({ usage }) => `${usd(usage.costUsd)}, ${short(tokensOf(usage))} tokens`,
  Turns: ({ turns }) => String(turns),
  Rounds: ({ rounds }) => String(rounds),
  Findings: ({ findings }) =>
    Object.entries(findings)
      .filter(([, count]) => count > 0)
      .map(([severity, count]) => `${count} ${severity}`)
      .join(', ') || 'none',
  Checks: ({ checks }) =>
    checks.map(({ name, passed }) => `${plain(name)} ${passed ? 'passed' : 'FAILED'}`).join(', ') || 'not run',
  Time: ({ seconds }) => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`),
}

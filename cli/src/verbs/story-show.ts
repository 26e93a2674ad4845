/** `sluice story show`: where a story stands, what it left, what it cost, and what to type next. */
import { chosenText, titleOf, waitsOf, workingOn } from '@sluice/proto/card.ts'
import { likelyUsd } from '@sluice/proto/forecast.ts'
import { RunView } from '@sluice/proto/rest.ts'
import { stageOf } from '@sluice/proto/story/stage.ts'
import type { Story } from '@sluice/proto/story.ts'
import { z } from 'zod'
import { houseOptions, readArgs } from '../args.ts'
import { type About, aboutStory } from '../command.ts'
import { readForecast } from '../forecast-line.ts'
import { textsAt } from '../gate-documents.ts'
import { nextFor } from '../next.ts'
import { pendingIn } from '../pending.ts'
import {
  changedLines,
  criteriaLines,
  documentsOf,
  findingLines,
  questionLines,
  section,
  taskLines,
  verdictLines,
} from '../standing.ts'
import { readStory } from '../stories.ts'
import { table } from '../table.ts'
import { paint, plain, plainLines, print, printJson } from '../terminal.ts'
import { todoLines } from '../todo-lines.ts'
import { clock, short, tokensOf, usd } from '../units.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story show ID [--json] [--demo | --work]'

export const storyShow: Verb = {
  name: 'story show',
  summary: 'Shows where a story stands: criteria, gate, findings, costs, documents, what to type next.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: houseOptions, words: ['ID'] })
    const about = await aboutStory(positionals[0] ?? '', values)
    const { story } = await readStory(about.rest, about.card.id)
    return values.json ? printJson(asJson(story)) : print((await lines(story, about)).join('\n'))
  },
}

async function lines(story: Story, about: About): Promise<string[]> {
  const { gate, usage: spent, usageBy, budgetUsd, shipped, submitted } = story
  const waits = waitsOf(story)
  const forecast = story.status === 'running' ? await readForecast(about.rest) : null
  const likely = forecast && likelyUsd(forecast, story)
  const todo = story.status === 'running' ? await todoLines(about.rest, story.id) : []
  const toRead = gate ? await textsAt(story, gate, about) : []
  const working = workingOn(story)
  const state = [
    ['Id', story.id],
    [
      'Stage',
      `${stageOf(story)}${story.round > 0 ? `, round ${story.round}` : ''}${submitted.auto ? ', gates approved by auto' : ''}`,
    ],
    ...(working.length > 0 ? [['At work', working.join(', ')]] : []),
    ...waits.map((wait) => [wait.person ? 'Waits for you' : 'Waits', plain(wait.text)]),
    ...(gate ? [['Gate', `${gate.gate}, open since ${clock(gate.since)}, digest ${gate.digest}`]] : []),
    ...(shipped ? [['Shipped', `${shipped.commit} on ${submitted.repository.base}`]] : []),
    ...(submitted.choices ? [['Works with', chosenText(submitted.choices)]] : []),
    [
      'Cost',
      `${usd(spent.costUsd)} of ${usd(budgetUsd)}${likely ? `, likely ${usd(likely)} in all` : ''}, ${short(tokensOf(spent))} tokens`,
    ],
    ...lineRows(story),
  ]
  const costs = Object.entries(usageBy).map(([who, use]) => [`  ${who}`, short(tokensOf(use)), usd(use.costUsd)])
  const documents = documentsOf(story).map(({ stage, artifact }) => [
    `  ${stage}`,
    plain(artifact.name),
    `${about.origin}/artifacts/${artifact.sha256}`,
  ])
  return [
    paint('bold', plain(titleOf(story))),
    ...table(state),
    ...section(
      'Asked for',
      plainLines(submitted.text)
        .split('\n')
        .map((line) => `  ${line}`),
    ),
    ...section('The agent’s list', todo),
    ...section('Questions', questionLines(story)),
    ...section('Asks whether it may', await permissionLines(story, about)),
    ...(toRead.length > 0 ? toRead.flatMap((text) => ['', text]) : outline(story)),
    ...section('Changed', changedLines(story)),
    ...section('Verdicts', verdictLines(story)),
    ...section('Findings', findingLines(story)),
    ...section('Costs by role', table(costs, { right: [1, 2] })),
    ...section('Documents', table(documents, { flexible: 1 })),
    ...section(
      'Next',
      nextFor(story).map((command) => `  ${command}`),
    ),
  ]
}

/** Of runs at work and of parked ones, with the id to answer by. */
async function permissionLines(story: Story, { rest, card }: About): Promise<string[]> {
  if (story.status !== 'running') return []
  const runs = await rest.get(`/api/stories/${encodeURIComponent(card.id)}/runs`, z.array(RunView))
  return table(pendingIn(story, runs).map(({ id, role, tool, title }) => [`  ${id}`, role, tool, plain(title)]))
}

/** Where it stops besides its budget. */
function lineRows({ limits: { softUsd, dayUsd, tokens, roles = {}, stages = {} } }: Story): string[][] {
  const named = Object.entries({ ...roles, ...stages }).map(([name, at]) => `${name} ${usd(at)}`)
  const lines = [
    ...(softUsd ? [`asks at ${usd(softUsd)}`] : []),
    ...(dayUsd ? [`${usd(dayUsd)} a day`] : []),
    ...(tokens ? [`${short(tokens)} tokens`] : []),
    ...named,
  ]
  return lines.length > 0 ? [['Lines', lines.join(', ')]] : []
}

/** While a document waits to be approved it stands there whole instead. */
const outline = (story: Story): string[] => [
  ...section('Criteria', criteriaLines(story)),
  ...section('Tasks', taskLines(story)),
]

/** The fold itself, but for what only the fold needs. */
function asJson(story: Story) {
  const { seen: _, ...rest } = story
  const derived = { title: titleOf(story), stage: stageOf(story), waits: waitsOf(story), working: workingOn(story) }
  return { ...rest, ...derived, documents: documentsOf(story), next: nextFor(story) }
}

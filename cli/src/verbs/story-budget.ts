/** `sluice story budget`: moves the lines of a story, or lets it go on past the one it stands at. */
import { houseOptions, readArgs, readUsd } from '../args.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import { lineOptions, linesIn, lineUsage } from '../line-args.ts'
import { Misuse } from '../misuse.ts'
import { usd } from '../units.ts'
import type { Verb } from '../verb.ts'

const usage = `sluice story budget ID [USD] ${lineUsage} [--go-on] [--json] [--demo | --work]`

export const storyBudget: Verb = {
  name: 'story budget',
  summary:
    'Sets what a story may spend in all, and its other lines; a run parked for one goes on. --go-on moves by half what stops it.',
  usage,
  async run(args) {
    const options = { ...houseOptions, ...lineOptions, 'go-on': { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'], rest: true })
    const { body, text } = asked(positionals.slice(1), values)
    const about = await aboutStory(positionals[0] ?? '', values)

    const event = await sendCommand(about, 'budget', body)
    return report(about, values, { events: [event], text: `Story ${about.card.id} ${text}.` })
  },
}

type Values = Parameters<typeof linesIn>[0] & { 'go-on'?: boolean | undefined }

function asked(words: string[], values: Values): { body: object; text: string } {
  const [amount, tooMuch] = words
  if (tooMuch !== undefined) throw new Misuse(`Nothing is known of \`${tooMuch}\` here. Usage: ${usage}`)
  const limits = linesIn(values, usage)
  if (values['go-on']) {
    if (amount !== undefined || limits)
      throw new Misuse(`--go-on moves what stops the story by itself: name no line beside it. Usage: ${usage}`)
    return { body: { goOn: true }, text: 'goes on' }
  }
  if (amount === undefined && !limits) throw new Misuse(`USD is missing. Usage: ${usage}`)
  const budgetUsd = amount === undefined ? undefined : readUsd(amount, usage)
  const body = { ...(budgetUsd && { budgetUsd }), ...(limits && { limits }) }
  return { body, text: budgetUsd ? `may now spend ${usd(budgetUsd)}` : 'has its lines where you want them' }
}

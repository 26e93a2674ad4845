/** Pauses or resumes one story, or all of them: what cannot be is said and passed over. */
import { Refusal } from '@sluice/kit/errors.ts'
import type { Card } from '@sluice/proto/rest.ts'
import type { HouseOptions } from './args.ts'
import { aboutStory, report, sendCommand } from './command.ts'
import { Misuse } from './misuse.ts'
import { openRest } from './opened.ts'
import { readBoard } from './stories.ts'
import { print, printJson, say } from './terminal.ts'

type Holding = HouseOptions & { all?: boolean | undefined }
export type Hold = { verb: 'pause' | 'resume'; body: object; usage: string; isMeant(card: Card): boolean; done: string }

export async function holdStories(id: string | undefined, values: Holding, hold: Hold): Promise<number> {
  if (values.all) {
    if (id !== undefined) throw new Misuse(`Either a story or --all. Usage: ${hold.usage}`)
    return await holdAll(values, hold)
  }
  if (id === undefined) throw new Misuse(`ID is missing. Usage: ${hold.usage}`)
  const about = await aboutStory(id, values)
  const event = await sendCommand(about, hold.verb, hold.body)
  return report(about, values, {
    events: [event],
    text: [`Story ${about.card.id} ${hold.done}.`, event.says].filter(Boolean).join(' '),
  })
}

async function holdAll(values: Holding, { verb, body, isMeant }: Hold): Promise<number> {
  const { house, rest } = await openRest(values)
  const cards = (await readBoard(rest)).cards.filter((card) => card.status === 'running' && isMeant(card))
  const ids: string[] = []
  for (const card of cards) {
    try {
      await sendCommand({ card, rest, origin: house.origin }, verb, body)
      ids.push(card.id)
    } catch (error) {
      // Somebody was faster, or it has just ended: the others are meant all the same.
      if (!(error instanceof Refusal)) throw error
      say(`${card.id}: ${error.message}`)
    }
  }
  if (values.json) return printJson({ ids })
  if (cards.length === 0) return print(`No story is there to ${verb}.`)
  return print(`${ids.length} of ${cards.length} ${cards.length === 1 ? 'story' : 'stories'}: ${verb}d.`)
}

/** `sluice story permit`: says whether an agent may do what it asks about. */
import { Refusal } from '@sluice/kit/errors.ts'
import { RunView } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { houseOptions, readArgs } from '../args.ts'
import { type About, aboutStory, report, sendCommand } from '../command.ts'
import { Misuse } from '../misuse.ts'
import { type Pending, pendingIn } from '../pending.ts'
import { readStory } from '../stories.ts'
import { plain } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story permit STORY [ID] [--deny] [--for-story] [--reason TEXT] [--json] [--demo | --work]'

export const storyPermit: Verb = {
  name: 'story permit',
  summary: 'Allows what an agent asks to do, once or for this whole story; or refuses it with --deny.',
  usage,
  async run(args) {
    const options = {
      ...houseOptions,
      deny: { type: 'boolean' },
      'for-story': { type: 'boolean' },
      reason: { type: 'string' },
    } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['STORY'], rest: true })
    const [, id, ...more] = positionals
    if (more.length > 0) throw new Misuse(`Nothing is known of \`${more[0]}\` here. Usage: ${usage}`)
    const about = await aboutStory(positionals[0] ?? '', values)
    const asked = chosen(await pendingOf(about), id, about.card.id)
    const allow = !values.deny
    const said = {
      allow,
      ...(values['for-story'] && { forStory: true }),
      ...(values.reason && { reason: values.reason }),
    }
    const { request, id: permission, key } = asked
    const event = await sendCommand(about, 'permit', { request, permission, key, ...said })
    const what = `${allow ? 'Allowed' : 'Refused'}${values['for-story'] ? ' for this story' : ''}: ${plain(asked.title)}`
    return report(about, values, { events: [event], text: what })
  },
}

async function pendingOf({ rest, card }: About): Promise<Pending[]> {
  const { story } = await readStory(rest, card.id)
  const runs = await rest.get(`/api/stories/${encodeURIComponent(card.id)}/runs`, z.array(RunView))
  return pendingIn(story, runs)
}

function chosen(pending: readonly Pending[], id: string | undefined, story: string): Pending {
  const listed = pending.map((one) => `${one.id} ${one.role}: ${plain(one.title)}`).join(' · ')
  if (pending.length === 0)
    throw new Refusal(
      `Nothing of story ${story} asks for permission.`,
      `\`sluice story show ${story}\` says what it waits for.`,
    )
  if (id === undefined && pending.length > 1)
    throw new Refusal(`Several things are asked: ${listed}`, 'Name one by its id.')
  const found = id === undefined ? pending[0] : pending.find((one) => one.id === id)
  if (!found) throw new Refusal(`Nobody asks for ${id}.`, `What is asked: ${listed}`)
  return found
}

/** `sluice story reject`: sends back what stands at the open gate, with what to change. */
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import { Misuse } from '../misuse.ts'
import { readStory } from '../stories.ts'
import type { Verb } from '../verb.ts'
import { gateOf } from './story-approve.ts'

const usage = 'sluice story reject ID --comment TEXT [--gate GATE] [--digest DIGEST] [--json] [--demo | --work]'
const text = { type: 'string' } as const

export const storyReject: Verb = {
  name: 'story reject',
  summary: 'Sends back what stands at the open gate, with a comment that says what to change.',
  usage,
  async run(args) {
    const options = { ...houseOptions, comment: text, gate: text, digest: text }
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const comment = values.comment?.trim()
    if (!comment)
      throw new Misuse(`--comment is missing: whoever works on it must know what to change. Usage: ${usage}`)
    const about = await aboutStory(positionals[0] ?? '', values)
    const gate = gateOf((await readStory(about.rest, about.card.id)).story, values)

    const event = await sendCommand(about, 'reject', { gate: gate.gate, digest: gate.digest, comment })
    return report(about, values, { events: [event], text: `Sent ${gate.gate} of ${about.card.id} back.` })
  },
}

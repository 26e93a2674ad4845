/** `sluice story steer`: says something to whoever works on a story. */
import { text as readAll } from 'node:stream/consumers'
import { houseOptions, readArgs } from '../args.ts'
import { putFiles } from '../attach-files.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import { sendInterrupt } from '../interrupt.ts'
import { Misuse } from '../misuse.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story steer ID WORDS… | - [--to ROLE] [--attach FILE]… [--interrupt] [--json] [--demo | --work]'
const text = { type: 'string' } as const

export const storySteer: Verb = {
  name: 'story steer',
  summary:
    'Says something to whoever works on a story: heard before its next turn, or by whoever is asked next. `-` reads it from stdin; --interrupt ends first what it is doing.',
  usage,
  async run(args) {
    const options = {
      ...houseOptions,
      to: text,
      attach: { ...text, multiple: true },
      interrupt: { type: 'boolean' },
    } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID', 'WORDS'], rest: true })
    const [id = '', ...words] = positionals
    const said = (words.length === 1 && words[0] === '-' ? await readAll(process.stdin) : words.join(' ')).trim()
    if (said === '') throw new Misuse(`There are no words. Usage: ${usage}`)
    const about = await aboutStory(id, values)
    const role = values.to ? { role: values.to } : {}
    const attachments = await putFiles(about.rest, values.attach ?? [])
    if (values.interrupt) await sendInterrupt(about, role)

    const body = { text: said, ...role, ...(attachments.length > 0 && { attachments }) }
    const event = await sendCommand(about, 'steer', body)
    return report(about, values, { events: [event], text: event.says ?? 'It is said.' })
  },
}

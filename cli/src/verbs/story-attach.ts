/** `sluice story attach`: gives pictures and files to everybody who works on a story. */
import { houseOptions, readArgs } from '../args.ts'
import { putFiles } from '../attach-files.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import { Misuse } from '../misuse.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story attach ID FILE… [-m WORDS] [--json] [--demo | --work]'

export const storyAttach: Verb = {
  name: 'story attach',
  summary:
    'Gives pictures and files to everybody who works on a story: pictures are seen, texts read, all else lies read-only beside the worktree.',
  usage,
  async run(args) {
    const message = { type: 'string', short: 'm' } as const
    const { values, positionals } = readArgs(args, {
      usage,
      options: { ...houseOptions, message },
      words: ['ID', 'FILE'],
      rest: true,
    })
    const [id = '', ...paths] = positionals
    if (paths.length === 0) throw new Misuse(`FILE is missing. Usage: ${usage}`)
    const about = await aboutStory(id, values)
    const attachments = await putFiles(about.rest, paths)
    const event = await sendCommand(about, 'attach', { attachments, ...(values.message && { words: values.message }) })
    const count = `${attachments.length} ${attachments.length === 1 ? 'file is' : 'files are'} attached to ${about.card.id}.`
    return report(about, values, { events: [event], text: [count, event.says].filter(Boolean).join(' ') })
  },
}

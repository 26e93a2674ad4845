/** `sluice story resume`: lets a story that was paused or stopped go on where it stood. */
import { houseOptions, readArgs } from '../args.ts'
import { holdStories } from '../hold-stories.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story resume ID | --all [--json] [--demo | --work]'

export const storyResume: Verb = {
  name: 'story resume',
  summary: 'Lets a story that was paused or stopped go on where it stood. --all resumes every one of them.',
  usage,
  async run(args) {
    const options = { ...houseOptions, all: { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, rest: true })
    const isMeant = ({ held }: { held?: string | undefined }) => held === 'paused' || held === 'stopped'
    return holdStories(positionals[0], values, { verb: 'resume', body: {}, usage, isMeant, done: 'goes on' })
  },
}

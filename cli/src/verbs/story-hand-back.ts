/** `sluice story hand-back`: gives the worktree back; the agent goes on and is told what the person changed. */
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import { readStory } from '../stories.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story hand-back ID [-m WORDS] [--done] [--json] [--demo | --work]'

export const storyHandBack: Verb = {
  name: 'story hand-back',
  summary:
    'Gives the worktree back: what you changed is kept, and the agent goes on in its conversation and is told of it. --done hands your work in as the build; -m says something along.',
  usage,
  async run(args) {
    const message = { type: 'string', short: 'm' } as const
    const options = { ...houseOptions, message, done: { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const about = await aboutStory(positionals[0] ?? '', values)
    const body = { ...(values.message && { words: values.message }), ...(values.done && { done: true }) }
    const event = await sendCommand(about, 'hand-back', body)
    const { events } = await readStory(about.rest, about.card.id)
    const said = events.find((one) => one.event.id === event.event)?.event
    const changed = said?.type === 'worktree.returned' ? said.data.files.map(({ path }) => path) : []
    const files = changed.length > 0 ? `You changed ${changed.join(', ')}.` : 'You changed nothing.'
    const next = values.done
      ? 'It is handed in as the build and goes to review.'
      : 'Whoever works on it goes on and is told.'
    return report(about, values, { events: [event], text: `Handed back ${about.card.id}. ${files} ${next}` })
  },
}

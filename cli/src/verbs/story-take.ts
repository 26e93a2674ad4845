/** `sluice story take`: gives a story's worktree to the person, once nobody else works in it. */
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '@sluice/kit/errors.ts'
import type { Lent } from '@sluice/proto/steering.ts'
import { houseOptions, readArgs } from '../args.ts'
import { type About, aboutStory, sendCommand } from '../command.ts'
import { editorOf, openInEditor } from '../editor.ts'
import { readSettings } from '../settings.ts'
import { readStory } from '../stories.ts'
import { print, printJson, say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story take ID [--open] [--json] [--demo | --work]'
const LOOK_MS = 300
const PATIENCE_MS = 60_000

export const storyTake: Verb = {
  name: 'story take',
  summary:
    'Gives you the worktree of a story: its agent puts its tools down and nothing is asked until you hand it back. --open starts your editor on it ($SLUICE_EDITOR, `editor` in config.yaml, $VISUAL, $EDITOR, code).',
  usage,
  async run(args) {
    const options = { ...houseOptions, open: { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const about = await aboutStory(positionals[0] ?? '', values)
    // Taken before and asked again: it is still yours.
    const event =
      about.card.held === 'taken' || about.card.held === 'lent' ? null : await sendCommand(about, 'take', {})
    if (event?.says && !values.json) say(event.says)
    const { path } = await lent(about)

    const { id } = about.card
    if (values.json) printJson({ id, path })
    else
      print(
        `You have the worktree of ${id}:\n  ${path}\nHand it back with \`sluice story hand-back ${id}\`, or with --done as the build.`,
      )
    if (values.open) await openInEditor(path, editorOf(process.env, readSettings().editor))
    return 0
  },
}

async function lent({ rest, card }: About): Promise<Lent> {
  let isTaken = false
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    const { hold } = (await readStory(rest, card.id)).story
    if (hold?.lent) return hold.lent
    if (isTaken && hold?.why !== 'taken')
      throw new Refusal(`Story ${card.id} is not taken any more.`, 'Look at it and take it again.')
    isTaken ||= hold?.why === 'taken'
    await delay(LOOK_MS)
  }
  throw new Refusal(
    `Whoever works on ${card.id} did not let go of its worktree yet.`,
    'It is yours as soon as they have: `sluice story show` says when.',
  )
}

/** `sluice story preview`: runs the app that a story has built and says where it is to be seen. */
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '@sluice/kit/errors.ts'
import { PreviewView } from '@sluice/proto/rest.ts'
import { houseOptions, readArgs } from '../args.ts'
import { type About, aboutStory } from '../command.ts'
import { plain, plainLines, print, printJson, say } from '../terminal.ts'
import { mayOpenBrowser, openBrowser } from '../up/person-browser.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story preview ID [--open | --log | --stop] [--json] [--demo | --work]'
const LOOK_MS = 300

export const storyPreview: Verb = {
  name: 'story preview',
  summary:
    'Runs the app that a story has built, in its jail, and says where it is to be seen. --open opens it, --log shows what it said, --stop ends it; it ends by itself when nobody looks for ten minutes.',
  usage,
  async run(args) {
    const flag = { type: 'boolean' } as const
    const options = { ...houseOptions, open: flag, log: flag, stop: flag } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const about = await aboutStory(positionals[0] ?? '', values)

    if (values.stop) {
      await about.rest.remove(pathOf(about))
      return values.json ? printJson({ state: 'off' }) : print(`The preview of ${about.card.id} is off.`)
    }
    if (values.log) {
      const view = await about.rest.get(pathOf(about), PreviewView)
      return values.json ? printJson(view) : print(view.log ? plainLines(view.log) : 'It has said nothing.')
    }
    const view = await started(about)
    if (values.open && view.address && mayOpenBrowser()) openBrowser(view.address)
    return values.json ? printJson(view) : print(shownAt(view, about))
  },
}

const pathOf = ({ card }: About): string => `/api/stories/${encodeURIComponent(card.id)}/preview`

/** Until it can be looked at, or has ended; what it waits for meanwhile is told once. */
async function started(about: About): Promise<PreviewView> {
  let view = await about.rest.post(pathOf(about), {}, PreviewView)
  let told = ''
  while (view.state === 'preparing' || view.state === 'starting') {
    const now = view.problem ?? (view.state === 'preparing' ? 'Setting up …' : `Starting: ${view.command}`)
    if (now !== told) say(now)
    told = now
    await delay(LOOK_MS)
    view = await about.rest.get(pathOf(about), PreviewView)
  }
  if (view.state === 'running') return view
  const said = plainLines(view.log).split('\n').slice(-20).join('\n')
  throw new Refusal(
    `${said ? `${said}\n` : ''}${plain(view.problem ?? 'The preview was stopped.')}`,
    'Mend what it says, or ask the story for it; then run the same command again.',
  )
}

const shownAt = ({ address, commit, outdated }: PreviewView, { card }: About): string =>
  [
    `${card.id} at ${(commit ?? '').slice(0, 12)}: ${address}`,
    ...(outdated ? ['The story has built something newer since: --stop, then ask again.'] : []),
    'The address is good until it stops. A browser that does not find it: Chrome, Edge and Firefox know that *.localhost is this machine.',
  ].join('\n')

/** `sluice up`: opens a house, says where its page is, and closes it when told to. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { thisMachine } from '@sluice/kit/resolve/machine.ts'
import { Misuse } from './misuse.ts'
import { restOf } from './rest.ts'
import { defaultSettings, readSettings, type Settings } from './settings.ts'
import { firstStories } from './up/first-stories.ts'
import { type Notify, notifierOf } from './up/notify.ts'
import { type Chosen, openChosen } from './up/open.ts'
import { mayOpenBrowser, openBrowser } from './up/person-browser.ts'
import { startedText, tellProgress } from './up/told.ts'
import { untilStopped } from './up/until-stopped.ts'
import { watchWaiting } from './up/watch-waiting.ts'
import type { Verb } from './verb.ts'

const usage =
  'sluice up [--repo PATH] [--port N] [--implementers N] [--budget USD] [--model ID] [--open|--no-open] [--notify] [--trust-bus] [--no-stories]'

export const up: Verb = {
  name: 'up',
  summary: 'Starts Sluice: the demo, or with --repo a repository of yours. Ctrl-C stops it.',
  usage,
  async run(args) {
    const { open, stories, notify, ...chosen } = readChoices(args)
    const notifier = await notifierOf(notify, thisMachine())
    const progress = tellProgress()
    using stop = untilStopped(progress.quiet)
    await using house = await openChosen({ ...chosen, ...progress })
    if (await stop.before(house.ready)) return 0
    progress.done()

    process.stdout.write(startedText(house))
    if (stories && !chosen.repo) await firstStories(house)
    if (open && mayOpenBrowser()) openBrowser(house.address)
    const watching = new AbortController()
    if (notifier) void watchWaiting(restOf(house), notifier, watching.signal)
    await stop.told
    watching.abort()
    return 0
  },
}

function readChoices(args: string[]): Chosen & { open: boolean; stories: boolean; notify: Notify } {
  const { values } = parsed(args)
  const settings = readSettings()
  const port = number('--port', values.port)
  const implementers = number('--implementers', values.implementers)
  const { repo } = values
  return {
    // `npm start` runs in the checkout; a path is meant from where the person stands.
    repo: repo === undefined ? null : resolve(process.env.INIT_CWD ?? process.cwd(), repo),
    ...(port !== undefined && { port }),
    ...(implementers !== undefined && { implementers }),
    settings: withWishes(settings, values),
    open: values.open,
    stories: values.stories,
    trustBus: values['trust-bus'],
    notify: settings.notify || values.notify,
  }
}

/** The person's model, prices and budget are for a real model; the demo has its own, unless they are named here. */
function withWishes(own: Settings, { repo, model, budget }: Wishes): Settings {
  const { egress, jail, worktree, builds, port } = own
  const settings = repo
    ? own
    : { ...defaultSettings, egress, jail, worktree, ...(builds && { builds }), ...(port && { port }) }
  const usd = budget === undefined ? undefined : Number(budget.replace(/^\$/, ''))
  if (usd !== undefined && !(Number.isFinite(usd) && usd > 0)) throw misuse(`${budget} is no amount of US dollars.`)
  return { ...settings, ...(model && { model }), ...(usd && { budget: { ...settings.budget, usd } }) }
}

type Wishes = { repo?: string | undefined; model?: string | undefined; budget?: string | undefined }

function number(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw misuse(`${flag} ${text} is no number from 1 to 65535.`)
  return value
}

const misuse = (problem: string) => new Misuse(`${problem} Usage: ${usage}`)

function parsed(args: string[]) {
  const text = { type: 'string' } as const
  const options = {
    ...{ repo: text, port: text, implementers: text, budget: text, model: text },
    open: { type: 'boolean', default: false },
    notify: { type: 'boolean', default: false },
    'trust-bus': { type: 'boolean', default: false },
    stories: { type: 'boolean', default: true },
  } as const
  try {
    return parseArgs({ args, options, allowNegative: true })
  } catch (error) {
    throw misuse(error instanceof Error ? `${error.message.split('. ')[0]}.` : String(error))
  }
}

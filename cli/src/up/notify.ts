/** Tells the person, beside the terminal, when a story begins to wait for them. */
import { execFile } from 'node:child_process'
import { Refusal } from '@sluice/kit/errors.ts'
import { findProgram, type Machine } from '@sluice/kit/resolve/machine.ts'
import type { Card } from '@sluice/proto/rest.ts'
import { plain } from '../terminal.ts'

/** False: not at all. True: the desktop's own way. A command: with the story's card as JSON on its standard input. */
export type Notify = boolean | readonly string[]

export type Notification = { title: string; text: string; card: Card }
export type Notifier = (notification: Notification) => void

const PATIENCE_MS = 10_000

/** Refuses when this desktop has no way that we know. */
export async function notifierOf(notify: Notify, machine: Machine): Promise<Notifier | null> {
  if (notify === false) return null
  if (notify !== true) return ({ card }) => run(notify, JSON.stringify(card))
  if (machine.platform === 'darwin') return ({ title, text }) => run(['osascript', '-e', APPLE, title, text])
  const send = await findProgram(machine, 'notify-send')
  if (send) return ({ title, text }) => run([send, '--app-name=Sluice', '--', title, text])
  throw new Refusal(
    'There is no notify-send to show notifications with.',
    'Install it (Debian, Ubuntu: sudo apt-get install libnotify-bin), or name a command of yours: `notify: [command]` in config.yaml.',
  )
}

/** Words are handed over as arguments: what an agent wrote is never part of a script. */
const APPLE = 'on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run'

/** A notification that cannot be shown is no reason to stop anything. */
function run([program = '', ...args]: readonly string[], stdin = ''): void {
  const child = execFile(program, args, { timeout: PATIENCE_MS }, () => undefined)
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(stdin)
}

/** What begins to wait between two looks, each once; what waited before the first look is on the page already. */
export function newlyWaiting(): (cards: readonly Card[]) => Notification[] {
  let before: ReadonlyMap<string, string> | null = null
  return (cards) => {
    const now = new Map(cards.filter((card) => card.needsPerson).map((card) => [card.id, card.waitingFor ?? '']))
    const known = before
    before = now
    if (!known) return []
    return cards
      .filter(({ id }) => now.has(id) && now.get(id) !== known.get(id))
      .map((card) => ({ title: plain(card.title), text: plain(card.waitingFor ?? ''), card }))
  }
}

/** One line for one event of a watch: where in the stream, when, which story, who, what, and what caused it. */
import type { Event } from '@sluice/proto/events.ts'
import { said, whoSaid } from './said.ts'
import { clip, paint, plain } from './terminal.ts'
import { clock } from './units.ts'
import type { Seen } from './watching.ts'

/** Events a cause is looked for among; what is older is named by its id. */
const KEPT = 20_000

export type WatchLines = { of(seen: Seen): string }

/** `width` is that of the terminal. */
export function watchLines({ width }: { width: number }): WatchLines {
  const known = new Map<string, number>()
  return {
    of({ sequence, event }) {
      known.set(event.id, sequence)
      if (known.size > KEPT) known.delete(known.keys().next().value ?? '')
      const columns = {
        seq: String(sequence).padStart(6),
        time: clock(event.time),
        story: clip(plain(event.storyId ?? event.projectId), 18).padEnd(18),
        who: clip(plain(whoSaid(event)), 13).padEnd(13),
        type: event.type.padEnd(22),
      }
      const { seq, time, story, who, type } = columns
      const cause = causeText(event, known)
      const room = Math.max(10, width - [seq, time, story, who, type, cause].join('  ').length - 2)
      const words = clip(said(event), room)
      const painted = paint(colourOf(event.source), `${who}  ${type}`)
      return [paint('dim', `${seq}  ${time}`), story, painted, ...(words ? [words] : []), paint('dim', cause)]
        .join('  ')
        .trimEnd()
    },
  }
}

function causeText({ causationId }: Event, known: ReadonlyMap<string, number>): string {
  if (!causationId) return ''
  return `← ${known.get(causationId) ?? plain(causationId).slice(0, 8)}`
}

const colours = ['cyan', 'magenta', 'blue', 'yellow', 'green', 'cyanBright', 'magentaBright', 'blueBright'] as const
const own: Readonly<Record<string, Parameters<typeof paint>[0]>> = { web: 'greenBright', orchestrator: 'gray' }

/** The same service has the same colour, today and tomorrow. */
function colourOf(source: string): Parameters<typeof paint>[0] {
  const sum = [...source].reduce((n, letter) => (n * 31 + letter.charCodeAt(0)) % 9973, 7)
  return own[source] ?? colours[sum % colours.length] ?? 'cyan'
}

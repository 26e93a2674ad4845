/** One line for one event: when, which story, what, who, and the few words about it. */
import type { Event } from '@sluice/proto/events.ts'
import { said, whoSaid } from './said.ts'
import { paint, plain } from './terminal.ts'
import { clock } from './units.ts'

/** `label` names the story where several are told of. */
export function eventLine(event: Event, label = event.storyId ?? ''): string {
  const columns = [clock(event.time), plain(label).padEnd(12), event.type.padEnd(22), whoSaid(event).padEnd(12)]
  return `${paint('dim', columns[0] ?? '')}  ${columns.slice(1).join('  ')}  ${said(event)}`.trimEnd()
}

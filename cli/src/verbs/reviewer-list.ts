/** `sluice reviewer list`: every seat, who sits there, whether it is needed and what waits for it. */
import { SeatView } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { houseOptions, readArgs } from '../args.ts'
import { openRest } from '../opened.ts'
import { sittingText } from '../sitting.ts'
import { table } from '../table.ts'
import { print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice reviewer list [--json] [--demo | --work]'

export const reviewerList: Verb = {
  name: 'reviewer list',
  summary: 'Lists the seats, who sits there, and how many requests wait for each.',
  usage,
  async run(args) {
    const { values } = readArgs(args, { usage, options: houseOptions })
    const { rest } = await openRest(values)
    const seats = await rest.get('/api/reviewers', z.array(SeatView))
    if (values.json) return printJson({ reviewers: seats })
    return print(table(seats.map(row), { head: ['SEAT', 'STATE', 'PENDING', 'NEEDED', 'WHO'], right: [2] }).join('\n'))
  },
}

const row = (view: SeatView): string[] => [
  view.seat,
  view.state,
  view.pending === null ? '' : String(view.pending),
  view.required ? 'yes' : 'no',
  sittingText(view.sitting),
]

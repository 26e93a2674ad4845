/** `sluice reviewer swap`: somebody else takes a seat while reviews are in flight. */
import { SeatView } from '@sluice/proto/rest.ts'
import { openRest } from '../opened.ts'
import { nextSteps, readSeat, sittingText, WHO } from '../sitting.ts'
import { print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = `sluice reviewer swap SEAT ${WHO} [--json] [--demo | --work]`

export const reviewerSwap: Verb = {
  name: 'reviewer swap',
  summary: 'Puts somebody else into a seat; what the one before had in hand is asked of the new one.',
  usage,
  async run(args) {
    const { seat, sitting, values } = readSeat(args, usage)
    const { rest } = await openRest(values)
    const view = await rest.post(`/api/reviewers/${encodeURIComponent(seat)}/swap`, { sitting }, SeatView)
    if (values.json) return printJson(view)
    const swapped = `In ${seat} sits from here on: ${sittingText(sitting)}.`
    return print([swapped, ...nextSteps(view)].join('\n'))
  },
}

/** `sluice reviewer add`: one more seat, whose verdict every story needs that is submitted from here on. */
import { SeatView } from '@sluice/proto/rest.ts'
import { openRest } from '../opened.ts'
import { nextSteps, readSeat, sittingText, WHO } from '../sitting.ts'
import { print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = `sluice reviewer add SEAT ${WHO} [--json] [--demo | --work]`

export const reviewerAdd: Verb = {
  name: 'reviewer add',
  summary: 'Adds a seat: new stories need its verdict too. A command is kept running from here.',
  usage,
  async run(args) {
    const { seat, sitting, values } = readSeat(args, usage)
    const { rest } = await openRest(values)
    const view = await rest.post('/api/reviewers', { seat, sitting }, SeatView)
    if (values.json) return printJson(view)
    const added = `Every new story needs the verdict of ${seat} from here on; who sits there: ${sittingText(sitting)}.`
    return print([added, ...nextSteps(view)].join('\n'))
  },
}

/** `sluice reviewer remove`: new stories do without this seat. */
import { houseOptions, readArgs } from '../args.ts'
import { openRest } from '../opened.ts'
import { print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice reviewer remove SEAT [--json] [--demo | --work]'

export const reviewerRemove: Verb = {
  name: 'reviewer remove',
  summary: 'Takes a seat away, unless a running story needs its verdict.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: houseOptions, words: ['SEAT'] })
    const seat = positionals[0] ?? ''
    const { rest } = await openRest(values)
    await rest.remove(`/api/reviewers/${encodeURIComponent(seat)}`)
    return values.json ? printJson({ removed: seat }) : print(`The seat ${seat} is gone: new stories do without it.`)
  },
}

/** The reviewers that a script cannot play: refactor and generic. They approve what has no open finding, and say that nothing was judged. */
import { addedLines } from '../diff.ts'
import type { Asked } from './asked.ts'
import { blocks, type Reviewed, reviewedIn } from './reviewed.ts'
import { giveUp, type Play, submit } from './saying.ts'

export const refactor = approving(() => 'Whether the code is well made, a script cannot judge.')

export const generic = approving((asked, { diff }) => {
  const tests = [...addedLines(diff).keys()].filter((path) => /test/.test(path))
  const criteria = /<criteria>\n([\s\S]*?)\n<\/criteria>/.exec(asked.prompt)?.[1]?.match(/^C\d+/gm) ?? []
  return `Whether ${criteria.join(', ') || 'the criteria'} hold, a script cannot judge. Tests that changed: ${tests.join(', ') || 'none'}.`
})

function approving(what: (asked: Asked, reviewed: Reviewed) => string): Play {
  return (asked) => {
    const reviewed = reviewedIn(asked)
    if (!reviewed) return giveUp('was asked to review, and the request holds no diff.')
    // What another occupant of the seat found stays open: a script cannot say that it is mended.
    const open = reviewed.earlier.some(blocks)
    const count = addedLines(reviewed.diff).size
    return submit(asked, 'A script plays this seat.', {
      summary: `${what(asked, reviewed)} ${open ? 'What was found before stays open' : 'Approved so that the demo goes on'}: ${count} files counted, none judged.`,
      verdict: open ? 'reject' : 'approve',
      findings: [],
      earlier: reviewed.earlier.map(({ id }) => ({
        findingId: id,
        resolved: false,
        note: 'A script cannot judge this.',
      })),
    })
  }
}

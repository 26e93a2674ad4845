/** The designer, played: looks at what there is, writes the mockup, looks at it in two widths, hands it in. */
import { tool } from '@sluice/kit/testing/messages-script.ts'
import { changedFiles } from '../stories.ts'
import { type Asked, ended, sentBack } from './asked.ts'
import { giveUp, type Play, say, submit } from './saying.ts'

const MOCKUP = 'mockup.html'
const WIDTHS = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
]

export const designer: Play = (asked) => {
  const { story, calls } = asked
  if (calls.length === 0) return say('I look at what it looks like now.', ...looksAt(asked))

  const written = ended(asked, 'write').at(-1)
  if (!written) return say('I draw the page as it will be.', tool('write', { path: MOCKUP, content: story.mockup }))
  if (written.isError) return giveUp(`could not write ${MOCKUP}: ${written.result}`)

  const seen = ended(asked, 'render').length
  const next = WIDTHS[seen]
  if (next) return say(seen === 0 ? 'I look at it.' : 'And on a phone.', tool('render', { path: MOCKUP, ...next }))

  return submit(asked, 'It holds in both widths.', { ...story.design, summary: summaryOf(asked) })
}

const looksAt = ({ story }: Asked) =>
  ['README.md', ...changedFiles(story).filter((path) => /\.(?:css|html)$/.test(path))].map((path) =>
    tool('read', { path }),
  )

function summaryOf(asked: Asked): string {
  const unheard = sentBack(asked).map(
    (comment) => ` Sent back with “${comment}”: the scripted model has one design for this story, so it is unchanged.`,
  )
  return asked.story.design.summary + unheard.join('')
}

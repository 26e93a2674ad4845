/** What may be submitted where the scripted model plays: its own stories, each once. */
import { refuse } from './refused.ts'
import type { Known } from './stories.ts'

/** The title under which the demo knows this text; refuses what it does not play, or has played. */
export function demoTitle(
  played: readonly { title: string; text: string }[],
  text: string,
  stories: readonly Pick<Known, 'card' | 'text'>[],
): string {
  const story = played.find((one) => isSameText(one.text, text))
  if (!story)
    return refuse(
      400,
      'This is the demo: its scripted model plays these three stories and no others.',
      'For a story of yours: `npm start -- --repo PATH`, with your key.',
    )
  const before = stories.find((one) => one.card.status !== 'cancelled' && isSameText(one.text, text))
  if (before)
    refuse(
      409,
      `This demo story is ${before.card.status} already.`,
      'Look at it on the board, or submit another of the three.',
    )
  return story.title
}

const isSameText = (a: string, b: string): boolean => flat(a) === flat(b)
const flat = (text: string): string => text.replace(/\s+/g, ' ').trim()

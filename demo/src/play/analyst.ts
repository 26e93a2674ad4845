/** The analyst, played: reads what the project says of itself, looks where the words occur, hands in the requirements. */
import { tool } from '@sluice/kit/testing/messages-script.ts'
import { type Asked, memorySentence, sentBack } from './asked.ts'
import { type Play, say, submit } from './saying.ts'

export const analyst: Play = (asked) => {
  const { requirements } = asked.story
  if (!asked.calls.some(({ name }) => name === 'read')) {
    const opening = ['I read what the project says of itself.', memorySentence(asked)].filter(Boolean).join(' ')
    return say(opening, tool('read', { path: 'README.md' }), tool('glob', { pattern: '**/*' }))
  }
  if (!asked.calls.some(({ name }) => name === 'grep'))
    return say('Now where it speaks of this.', tool('grep', { pattern: wordsOf(requirements.title), ignoreCase: true }))

  const words = `${requirements.criteria.length} criteria say what is asked for. I have no questions.`
  return submit(asked, words, { requirements: withComments(asked), questions: [] })
}

/** The words of a title worth looking for, as one pattern. */
const wordsOf = (title: string): string => (title.match(/[A-Za-z]{4,}/g) ?? [title]).join('|')

/** A script has one answer: somebody who sent it back is told so where they look next. */
function withComments(asked: Asked) {
  const { requirements } = asked.story
  const unheard = sentBack(asked).map(
    (comment) => `Sent back with “${comment}”: the scripted model has one answer to this story, so it is unchanged.`,
  )
  return { ...requirements, assumptions: [...requirements.assumptions, ...unheard] }
}

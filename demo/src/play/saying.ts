/** What a played role says: words with calls of tools, its result, or that it has none. */
import { type Refused, type Said, type Spoken, text, tool } from '@sluice/kit/testing/messages-script.ts'
import type { Asked } from './asked.ts'

export type Play = (asked: Asked) => Said | Refused

export const say = (words: string | undefined, ...calls: Spoken[]): Said => ({
  content: [...(words ? [text(words)] : []), ...calls],
})

/** A script has one result: one that was not accepted would be handed in for ever. What is only pointed out is handed in again. */
export function submit({ calls }: Asked, words: string, result: unknown): Said | Refused {
  const refused = calls.findLast(
    ({ name, isError, result = '' }) => name === 'submit' && isError && !result.includes('were not seen green'),
  )
  return refused
    ? giveUp(`has one result for this, which was not accepted: ${refused.result}`)
    : say(words, tool('submit', result))
}

/** The API's own word for what cannot be answered: the run fails with this sentence. */
export const giveUp = (why: string): Refused => ({
  error: 'invalid_request_error',
  message: `The scripted model ${why}`,
})

/** What a request to the scripted model holds: who is asked, about which story, and how far the work is. */
import { systemText, type ToolOutcome, toolResults, userText } from '@sluice/kit/testing/messages-script.ts'
import type { MessagesRequest } from '@sluice/kit/testing/messages-wire.ts'
import type { DemoStory } from '../stories.ts'
import type { Dialect } from './dialect.ts'

export type Asked = {
  story: DemoStory
  /** All that was said to the model, results of tools left out. */
  prompt: string
  /** Every call so far with its result, in order. */
  calls: ToolOutcome[]
}

/** The role, as the first words of its prompt name it: `analyst`, `security reviewer`. Another's agent may say words of its own before them. */
export const roleIn = (request: MessagesRequest): string | undefined =>
  /^You are (?:the|an?) ([a-z]+(?: reviewer)?) of a software team\b/m.exec(
    `${systemText(request)}\n${userText(request)}`,
  )?.[1]

/** Nothing if the request is about none of the stories. */
export function askedIn(
  request: MessagesRequest,
  stories: readonly DemoStory[],
  { hear }: Pick<Dialect, 'hear'> = { hear: (outcome) => outcome },
): Asked | undefined {
  const prompt = userText(request)
  const text = /<request(?: round="\d+")?>\n([\s\S]*?)\n<\/request>/.exec(prompt)?.[1]
  const story = stories.find((one) => one.text === text?.trim())
  return story && { story, prompt, calls: toolResults(request).map(hear) }
}

/** The host was killed in the middle of it, or before it: nobody knows what it did. */
export const wasInterrupted = ({ isError, result = '' }: ToolOutcome): boolean =>
  isError && /^(interrupted|Not run: the work was interrupted)/.test(result)

/** The calls of a tool that came to an end, well or not. */
export const ended = ({ calls }: Pick<Asked, 'calls'>, name: string): ToolOutcome[] =>
  calls.filter((call) => call.name === name && !wasInterrupted(call))

/** What a person said when they sent the work back. */
export const sentBack = ({ prompt }: Asked): string[] =>
  [...prompt.matchAll(/<sent-back at="[^"]*">\n([\s\S]*?)\n<\/sent-back>/g)].map(([, comment = '']) => comment)

/** The titles of earlier stories that memory put into the prompt. */
export const lessonsIn = ({ prompt }: Asked): string[] =>
  [...prompt.matchAll(/<earlier-story title=("(?:[^"\\]|\\.)*") commit=/g)].map(
    ([, title = '""']) => JSON.parse(title) as string,
  )

/** A sentence for people to see that memory was used; none if it held nothing. */
export function memorySentence(asked: Asked): string | undefined {
  const titles = lessonsIn(asked).map((title) => `“${title}”`)
  return titles.length > 0 ? `From memory I have what was shipped before: ${titles.join(', ')}.` : undefined
}

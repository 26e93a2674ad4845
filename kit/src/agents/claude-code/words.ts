/** What the host says to Claude Code in words. */
import { HOST_TOOLS_NAME } from '../../host-tools.ts'

const named = (name: string): string => `mcp__${HOST_TOOLS_NAME}__${name}`

/** The role's own words, and by which names its tools go here. */
export const systemWords = (system: string, tools: readonly string[]): string =>
  `${system}\n\nYour tools ${tools.map((name) => `${name} (here ${named(name)})`).join(', ')} belong to this work. Nobody reads what you say: ` +
  `the work ends when ${named('submit')} has accepted your result, as the last thing you do.`

export const reminder =
  `You stopped, and nothing was handed in. Go on with the work, or hand in your result with ${named('submit')}: ` +
  'nobody reads what is not submitted.'

export const goOn = 'The model could not be reached for a while. Go on where you stood.'

export const resumed = (answered: readonly string[]): string =>
  [
    'The work was interrupted and goes on now. What was running then was ended and nobody saw its end: look at what it left before you go on.',
    ...answered,
    `Hand in your result with ${named('submit')} when everything is done.`,
  ].join('\n\n')

export const interruptedGoOn = 'Nobody said more. Go on where you stood.'

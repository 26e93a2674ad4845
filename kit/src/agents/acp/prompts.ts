/** What an agent is told: its work, how to hand it in, and how to go on after it was interrupted. */
import type { ContentBlock } from '@agentclientprotocol/sdk'
import type { AgentTask, Content } from '../../agent.ts'
import { HOST_TOOLS_NAME } from '../../host-tools.ts'
import { SUBMIT } from '../submit.ts'

/** The protocol has no place for a system prompt that every agent reads: it comes first. */
export function firstPrompt({ system, prompt, place }: AgentTask, hosted: readonly string[]): Content[] {
  return [{ type: 'text', text: `${system.trim()}\n\n${howTo(hosted, place !== undefined)}` }, ...prompt]
}

function howTo(hosted: readonly string[], hasPlace: boolean): string {
  const others = hosted.filter((name) => name !== SUBMIT)
  const lines = [
    `The MCP server \`${HOST_TOOLS_NAME}\` has what belongs to this work${others.length > 0 ? `: ${others.join(', ')}` : ''}.`,
    `Hand in your result with its tool \`${SUBMIT}\`, once, when everything is done. If the answer is an error, mend what it names and call it again; nobody reads what is not submitted.`,
    ...(hasPlace
      ? ['You work in the current directory. Do not commit: what you leave there is committed for you.']
      : [
          `The project is not in the current directory: read it by the tools of \`${HOST_TOOLS_NAME}\`. You change nothing.`,
        ]),
  ]
  return `<how-to-work>\n${lines.join('\n')}\n</how-to-work>`
}

export const NUDGE = `You stopped without handing in a result. Go on with the work, or hand it in with the tool \`${SUBMIT}\` of the MCP server \`${HOST_TOOLS_NAME}\`; nobody reads what is not submitted.`

/** In a session that knows what was said. */
export const GO_ON =
  'You were interrupted and go on now. A call whose answer you did not see may have been carried out, wholly or in part: look at what it left before you go on. What you asked the person has been answered: call `ask` again with the same questions to hear it.'

/** In a session that knows nothing: what people were told of the work stands for what was said. */
export const afterwards = (told: readonly string[]): string =>
  `<interrupted>\nThis work was begun before and was interrupted; that conversation is lost. What was done so far:\n${told.map((line) => `- ${line}`).join('\n') || '- nothing that is known'}\nWhat stands in the files is what git says: look at \`git status\` and \`git diff\` before you go on.\n</interrupted>`

/** A picture goes to who can see one; others are told that there was one. */
export const blocksOf = (content: readonly Content[], image: boolean): ContentBlock[] =>
  content.map((one) => {
    if (one.type === 'text') return one
    if (image) return { type: 'image', mimeType: one.mediaType, data: one.data.toString('base64') }
    return { type: 'text', text: '[A picture belongs here, which this agent cannot be shown.]' }
  })

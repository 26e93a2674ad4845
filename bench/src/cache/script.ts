/** The work the cache is measured on: many tools, pictures, reads side by side, long outputs; each turn from what the request holds. */
import { type AnyTool, defineTool, type ToolResult } from '@sluice/kit/agent.ts'
import { type ScriptedModel, type Spoken, text, thinking, tool } from '@sluice/kit/testing/messages-script.ts'
import { z } from 'zod'

const say = (words: string): ToolResult => ({ ok: true, content: [{ type: 'text', text: words }] })
const words = (n: number): string => 'It stands in the file as it stood before, to the last word. '.repeat(n)

/** The smallest picture a model takes. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const read: AnyTool = defineTool({
  name: 'read',
  description: 'Reads a file.',
  input: z.object({ path: z.string() }),
  readOnly: true,
  run: async ({ path }) => say(`${path}\n${words(20)}`),
})
const shell: AnyTool = defineTool({
  name: 'shell',
  description: 'Runs a command.',
  input: z.object({ command: z.string() }),
  readOnly: false,
  run: async ({ command }) => say(`${command}\n${words(450)}\n[exit code 0]`),
})
const render: AnyTool = defineTool({
  name: 'render',
  description: 'Shows a page.',
  input: z.object({ path: z.string() }),
  readOnly: false,
  run: async () => ({ ok: true, content: [{ type: 'image', mediaType: 'image/png', data: PNG }] }),
})
const others = Array.from({ length: 16 }, (_, i) =>
  defineTool({
    name: `mcp__server__tool_${i}`,
    description: `A further tool, number ${i}. ${words(3)}`,
    input: z.object({ what: z.string().describe(words(1)) }),
    readOnly: true,
    run: async () => say('Done.'),
  }),
)

export const tools: readonly AnyTool[] = [read, shell, render, ...others]
export const system = `You work on a project. ${words(60)}`
export const prompt = [
  { type: 'text' as const, text: `The story. ${words(120)}` },
  { type: 'image' as const, mediaType: 'image/png' as const, data: PNG },
]

/** Calls a turn with this number makes: one read, then ten or thirty side by side, a long output, a picture. */
function callsOf(turn: number): Spoken[] {
  if (turn % 5 === 1) return Array.from({ length: 10 }, (_, i) => tool('read', { path: `src/${turn}-${i}.ts` }))
  if (turn % 11 === 3) return Array.from({ length: 30 }, (_, i) => tool('read', { path: `src/${turn}-${i}.ts` }))
  if (turn % 5 === 2) return [tool('shell', { command: `npm test -- ${turn}` })]
  if (turn % 5 === 3) return [tool('render', { path: `page-${turn}.html` })]
  return [tool('read', { path: `src/${turn}.ts` })]
}

export const workFor =
  (turns: number): ScriptedModel =>
  (_, { conversation }) => {
    const turn = conversation.filter(({ role }) => role === 'assistant').length + 1
    if (turn >= turns) return { content: [tool('submit', { verdict: 'good' })] }
    const spoken = turn % 3 === 0 ? [text('Now the next one.')] : []
    return { content: [thinking(`What is next after ${turn}?`), ...spoken, ...callsOf(turn)] }
  }

/** What does not fit on a command line: the rest of a long task and its pictures, given by tools of the host. */
import { z } from 'zod'
import { type AnyTool, type Content, defineTool } from '../../agent.ts'

/** One argument of a command may have 128 kB on Linux (MAX_ARG_STRLEN), its end and the jail's own words beside it. */
const FIRST_BYTES = 100_000
/** What the program takes from a tool at once, in characters that are surely fewer than its tokens allow. */
const PART_BYTES = 40_000

export type GivenPrompt = { text: string; tools: AnyTool[] }

export function givenPrompt(content: readonly Content[]): GivenPrompt {
  const whole = content.flatMap((one) => (one.type === 'text' ? [one.text] : [])).join('\n\n')
  const pictures = content.filter((one) => one.type === 'image')
  const [first = '', ...rest] = partsOf(whole)
  const tools = [...(rest.length > 0 ? [restTool(rest)] : []), ...(pictures.length > 0 ? [picturesTool(pictures)] : [])]
  const more =
    rest.length > 0 ? `\n\n[The task goes on: read parts 1 to ${rest.length} of it with task_text first.]` : ''
  const shown =
    pictures.length > 0 ? `\n\n[${pictures.length} pictures belong to this task: task_pictures shows them.]` : ''
  return { text: `${first}${more}${shown}`, tools }
}

/** Cut between lines where there are any, never in a character. */
function partsOf(text: string): string[] {
  const bytes = Buffer.from(text)
  const parts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const room = parts.length === 0 ? FIRST_BYTES : PART_BYTES
    if (bytes.length - at <= room) return [...parts, bytes.subarray(at).toString('utf8')]
    const line = bytes.subarray(at, at + room).lastIndexOf(10) + 1
    const end = at + (line > 0 ? line : wholeCharacters(bytes.subarray(at, at + room)))
    parts.push(bytes.subarray(at, end).toString('utf8'))
    at = end
  }
  return parts
}

/** Continuation bytes of UTF-8 begin with 10. */
function wholeCharacters(bytes: Buffer): number {
  let end = bytes.length - 1
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return end
}

const restTool = (parts: readonly string[]): AnyTool =>
  defineTool({
    name: 'task_text',
    description: `Gives the rest of your task, which was too long to be said at once: ${parts.length} parts.`,
    input: z.object({ part: z.int().min(1).max(parts.length) }),
    readOnly: true,
    title: ({ part }) => `the task, part ${part}`,
    run: async ({ part }) => ({ ok: true, content: [{ type: 'text', text: parts[part - 1] ?? '' }] }),
  })

const picturesTool = (pictures: readonly Content[]): AnyTool =>
  defineTool({
    name: 'task_pictures',
    description: 'Shows the pictures that belong to your task, in their order.',
    input: z.object({}),
    readOnly: true,
    title: () => 'the pictures of the task',
    run: async () => ({ ok: true, content: [...pictures] }),
  })

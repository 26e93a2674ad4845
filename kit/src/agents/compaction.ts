/** A conversation begun anew before it outgrows the model: what must not be lost is written by the host, word for word; the model adds a summary. */
import { z } from 'zod'
import type { AnyTool } from '../agent.ts'
import type { Entry, Run } from '../run.ts'
import { todoOf } from '../tools/todo.ts'
import type { Conversation } from './conversation.ts'
import type { Stored } from './stored.ts'

const COMMANDS = 8
const LONGEST_SUMMARY_CHARS = 40_000
const LAST_WORDS = 10

export const askForSummary =
  'The conversation has become too long and is begun anew with what you write now; call no tool. The task, what the person said, your list, the ' +
  'files you changed and your last commands are kept for you. Write down what else you need to go on without reading everything again: what you ' +
  'found out about the project and where (paths, names, lines), what you decided and why, what you tried that did not work, what is half done ' +
  'and what comes next, and for each finding or check that is not settled how it stands. Facts only; what you have not seen, you do not know.'

type Around = { conversation: Conversation; run: Run; number: number; tools: readonly AnyTool[] }

/** The first message of the new conversation. */
export function begunAnew({ conversation, run, number, tools }: Around, summary: string): Stored[] {
  const done = callsIn([...run.earlier, ...run.entries()], number)
  const files = unique(done.filter(({ tool }) => writes(tools, tool)).map(({ text }) => text))
  const commands = done.filter(({ tool }) => tools.some((one) => one.name === tool && one.stateful)).slice(-COMMANDS)
  const todo = todoOf(run).map(({ state, text }) => `[${state}] ${text}`)
  const said = conversation.kept
  return [
    ...conversation.first,
    block(
      'All above is the task, word for word. The conversation about it grew too long and is begun anew here; the files are as you left them, ' +
        'the shell too. What follows was kept.',
    ),
    ...(said.length > 0 ? [block('<said-by-the-person>'), ...said, block('</said-by-the-person>')] : []),
    ...section('your-list', todo),
    ...section('files-changed', files),
    ...section('last-commands', commands.map(lineOf)),
    block(
      `<your-summary>\n${summary.slice(0, LONGEST_SUMMARY_CHARS) || 'There is none: look at what is there.'}\n</your-summary>`,
    ),
    block('Go on with what is not done yet.'),
  ]
}

/** What stands in for a summary where the model could not write one any more: what it said last. */
export const lastWords = (run: Run): string =>
  run
    .entries()
    .flatMap(({ kind, data }) => (kind === 'note' ? (Words.safeParse(data).data?.text ?? []) : []))
    .slice(-LAST_WORDS)
    .join('\n\n')

const Words = z.object({ type: z.literal('text'), text: z.string() })
const Ended = z.object({
  conversation: z.int(),
  type: z.literal('tool'),
  state: z.literal('ended'),
  tool: z.string(),
  text: z.string(),
  ok: z.boolean().optional(),
  exitCode: z.number().optional(),
})
type Ended = z.infer<typeof Ended>

const callsIn = (entries: readonly Entry[], number: number): Ended[] =>
  entries.flatMap(({ kind, data }) => {
    const call = kind === 'note' ? Ended.safeParse(data).data : undefined
    return call?.conversation === number ? [call] : []
  })

const writes = (tools: readonly AnyTool[], name: string): boolean =>
  tools.some((tool) => tool.name === name && tool.hand && !tool.readOnly && !tool.stateful && !tool.repeatable)

const lineOf = ({ text, ok, exitCode }: Ended): string =>
  `${text}: ${exitCode === undefined ? (ok ? 'done' : 'did not end') : `exit code ${exitCode}`}`

const unique = (lines: string[]): string[] => [...new Set(lines)]
const block = (text: string): Stored => ({ type: 'text', text })
const section = (tag: string, lines: string[]): Stored[] =>
  lines.length > 0 ? [block(`<${tag}>\n${lines.join('\n')}\n</${tag}>`)] : []

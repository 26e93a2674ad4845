/** The tool `shell`: commands in one persistent terminal inside the jail. */
import { z } from 'zod'
import { type AnyTool, defineTool } from '../agent.ts'
import type { Shell, ShellRun } from '../shell.ts'

const DEFAULT_SECONDS = 120
const LONGEST_SECONDS = 900

/** What the tool needs of a shell. */
export type Terminal = Pick<Shell, 'run'>

/** `open` is called on first use. `renewed`: an earlier attempt of this run had a shell of its own, and the model is told it is gone. */
export function shellTool({ open, renewed }: { open(): Promise<Terminal>; renewed: boolean }): AnyTool {
  let opened: Promise<Terminal> | null = null
  let tell = renewed
  return defineTool({
    name: 'shell',
    description:
      'Runs a command in a persistent shell (bash) at the root of the project and gives its output and exit code. Directory, variables and ' +
      'background jobs stay from call to call. Nobody can answer it: use flags that ask nothing. There is no network but the package registry.',
    input: z.object({
      command: z.string().min(1),
      timeoutSeconds: z.int().positive().max(LONGEST_SECONDS).optional().describe(`default ${DEFAULT_SECONDS}`),
    }),
    readOnly: false,
    hand: true,
    stateful: true,
    title: ({ command }) => (command.split('\n')[0] ?? '').slice(0, 200),
    async run({ command, timeoutSeconds = DEFAULT_SECONDS }, { signal }) {
      // A shell that could not be opened is opened again by the next call.
      opened ??= open().catch((error: unknown) => {
        opened = null
        throw error
      })
      const shell = await opened
      const ended = await shell.run(command, { timeoutMs: timeoutSeconds * 1000, signal })
      const note = tell ? '[The shell is new: directory and variables are as at the start.]\n' : ''
      tell = false
      const text = `${note}${ended.output}\n[${endOf(ended, timeoutSeconds)}]`
      const { exitCode } = ended
      return { ok: exitCode === 0, content: [{ type: 'text', text }], ...(exitCode === null ? {} : { exitCode }) }
    },
  })
}

function endOf({ exitCode, timedOut }: Pick<ShellRun, 'exitCode' | 'timedOut'>, seconds: number): string {
  if (timedOut) return `stopped after ${seconds} s`
  return exitCode === null ? 'ended with its shell; the next command has a new one' : `exit code ${exitCode}`
}

/** One line for people of what a tool of Claude Code does. */
import { relative } from 'node:path'
import { z } from 'zod'

const Input = z.looseObject({
  ...{ command: z.string().optional(), file_path: z.string().optional(), notebook_path: z.string().optional() },
  ...{ pattern: z.string().optional(), description: z.string().optional() },
})

const VERBS: Record<string, string> = { Read: 'read', Edit: 'edit', Write: 'write', NotebookEdit: 'edit' }

export function titleOf(tool: string, input: unknown, cwd: string): string {
  const { command, file_path, notebook_path, pattern, description } = Input.safeParse(input).data ?? {}
  const path = file_path ?? notebook_path
  if (command !== undefined) return (command.split('\n')[0] ?? '').slice(0, 200)
  if (path !== undefined) return `${VERBS[tool] ?? tool} ${inside(cwd, path)}`
  if (pattern !== undefined) return `${tool.toLowerCase()} ${pattern}`.slice(0, 200)
  return description ? `${tool.toLowerCase()}: ${description}`.slice(0, 200) : tool
}

function inside(cwd: string, path: string): string {
  const from = relative(cwd, path)
  return from.startsWith('..') || from === '' ? path : from
}

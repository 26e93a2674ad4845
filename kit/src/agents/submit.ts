/** The tool `submit`: how a model hands in its result, and how a tool's schema is told to the API. */
import type Anthropic from '@anthropic-ai/sdk'
import { z } from 'zod'
import type { AgentTask, ToolResult } from '../agent.ts'

export const SUBMIT = 'submit'

/** Every tool of a task as the API wants it, in the order given: another order would be another cache. */
export function toolParams(task: Pick<AgentTask, 'tools' | 'output'>): Anthropic.Tool[] {
  const tools = (task.tools ?? []).map(({ name, description, input }) => toolParam(name, description, input))
  return [...tools, toolParam(SUBMIT, submitDescription, task.output)]
}

const submitDescription =
  'Hands in your result and ends the work. Call it once, when everything is done, as the only call of that message. ' +
  'If the answer is an error, mend what it names and call it again.'

function toolParam(name: string, description: string, input: z.ZodType): Anthropic.Tool {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input' })
  if (schema.type !== 'object')
    throw new Error(`The input of tool ${name} must be an object, its schema says otherwise.`)
  return { name, description, input_schema: schema as Anthropic.Tool.InputSchema }
}

/** Input that fits, or what to tell the model. */
export function parseInput(schema: z.ZodType, input: unknown): { value: unknown } | { problem: string } {
  const parsed = schema.safeParse(input)
  return parsed.success ? { value: parsed.data } : { problem: z.prettifyError(parsed.error) }
}

/** Accepts a result that the task's own check has nothing against. */
export async function checkSubmitted(task: Pick<AgentTask, 'check'>, value: unknown): Promise<ToolResult> {
  const problem = await task.check?.(value)
  const text = problem ? `Not accepted: ${problem}` : 'Accepted.'
  return { ok: !problem, content: [{ type: 'text', text }] }
}

/** The one door to a model at work: what a role asks of an engine, and what comes back while it works. */
import type { Usage } from '@sluice/proto/parts.ts'
import type { z } from 'zod'
import type { Jail, JailPolicy } from './jail.ts'

export type Content =
  | { type: 'text'; text: string }
  | { type: 'image'; mediaType: 'image/png' | 'image/jpeg' | 'image/webp'; data: Buffer }

/** What a tool did, for the model and for people. */
export type ToolResult = { ok: boolean; content: Content[]; exitCode?: number }

export type Tool<I extends z.ZodType = z.ZodType> = {
  name: string
  description: string
  input: I
  /** Reads may run beside each other; everything else runs in order. */
  readOnly: boolean
  /** It lives in this process (a shell): a call that a killed attempt had not begun is not made up for in a new one. */
  stateful?: boolean
  /** Begun before and not seen to end, it is called again: the first time changed nothing. */
  repeatable?: boolean
  /** For files and commands: an engine with hands of its own is not offered these where the task has a `place`. */
  hand?: boolean
  /** One line for people, `npm test` rather than `shell`. */
  title?(input: z.infer<I>): string
  run(input: z.infer<I>, context: ToolContext): Promise<ToolResult>
}

export type ToolContext = {
  /** The call's id, for what is kept under its name. */
  callId: string
  signal: AbortSignal
}

/** A tool among others, whatever its input. */
export type AnyTool = Tool<z.ZodType>

/** Keeps input and `run` of one tool of one type. */
export const defineTool = <I extends z.ZodType>(tool: Tool<I>): AnyTool => tool as unknown as AnyTool

/** One conversation with one goal. */
export type AgentTask<O extends z.ZodType = z.ZodType> = {
  system: string
  prompt: Content[]
  tools?: readonly AnyTool[]
  /** The model hands in its result by the tool `submit`, checked by this schema (an object); `check` may send it back with a reason. */
  output: O
  check?(output: z.infer<O>): Promise<string | null> | string | null
  /** Where it works: the one directory it may change, and the jail around it. None: it reads by its tools and changes nothing. */
  place?: Place
  /** Told after each turn whose tools have all ended, before the next begins; a rejection ends the run. */
  onTurn?(turn: Turn): Promise<void>
  /** `maxTurns` messages of the model; `idleMs` of silence end a call and have it tried again; from `compactAtTokens` on it is begun anew. */
  limits?: { maxTurns?: number; idleMs?: number; compactAtTokens?: number }
  signal: AbortSignal
}

export type Place = { dir: string; jail: Jail; policy: JailPolicy }

/** `number` counts the model's messages from 1; `titles` are those of the tools it called. */
export type Turn = { number: number; titles: readonly string[] }

export type AgentResult<T> = { output: T; usage: Usage; turns: number }

export type Agent = {
  /**
   * Runs until the model submits. Resumes from the run's journal by itself.
   * Rejects with `Pause` (budget, account), `TerminalError` (refused, cannot be done) or any other error to be tried again.
   */
  run<O extends z.ZodType>(task: AgentTask<O>): Promise<AgentResult<z.infer<O>>>
}

/** What Claude Code tells by its hooks, as far as we listen, and what it is answered. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

const Base = z.object({
  hook_event_name: z.string(),
  transcript_path: z.string().optional(),
  /** Set where a helper it started speaks, and not the conversation itself. */
  agent_id: z.string().nullish(),
})
const Call = Base.extend({ tool_name: z.string(), tool_input: z.unknown() })
const CallWithId = Call.extend({ tool_use_id: z.string(), duration_ms: z.number().optional() })

export const Told = z.discriminatedUnion('hook_event_name', [
  CallWithId.extend({ hook_event_name: z.literal('PreToolUse') }),
  CallWithId.extend({ hook_event_name: z.literal('PostToolUse'), tool_response: z.unknown() }),
  CallWithId.extend({ hook_event_name: z.literal('PostToolUseFailure'), error: z.string().optional() }),
  Call.extend({ hook_event_name: z.literal('PermissionRequest') }),
  Base.extend({
    hook_event_name: z.literal('PostToolBatch'),
    tool_calls: z.array(z.object({ tool_use_id: z.string() })).default([]),
  }),
  Base.extend({ hook_event_name: z.literal('UserPromptSubmit'), prompt: z.string().default('') }),
  Base.extend({ hook_event_name: z.literal('Stop'), last_assistant_message: z.string().nullish() }),
  Base.extend({ hook_event_name: z.literal('StopFailure') }),
  Base.extend({ hook_event_name: z.literal('Notification'), message: z.string().default('') }),
  Base.extend({ hook_event_name: z.literal('PostCompact') }),
])
export type Told = z.infer<typeof Told>
export type ToldCall = Extract<Told, { tool_use_id: string }>

/** Nothing to say to it. */
export const NOTED = {}

export const allowCall = {
  hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'allow', permissionDecisionReason: 'Sluice' },
}

export const permission = (decision: { allow: boolean; reason?: string | undefined }) => ({
  hookSpecificOutput: {
    hookEventName: 'PermissionRequest',
    decision: decision.allow
      ? { behavior: 'allow' }
      : { behavior: 'deny', message: decision.reason ?? 'The person does not allow this.' },
  },
})

/** The handler of the address: `heard` answers each; what it throws leaves the hook without an answer, and the caller with the run. */
export const hookHandler =
  (heard: (told: Told) => Promise<object>) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const told = Told.safeParse(parsed(await text(request)))
    const answer = told.success ? await heard(told.data) : NOTED
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

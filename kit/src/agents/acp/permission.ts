/** An agent's question whether it may, answered in the protocol's words. */
import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk'

export type PermissionAsk = { id: string; tool: string; title: string }
export type Decided = { allow: boolean }

/** After a cancel every open question is answered with that, whatever was decided. */
export const cancelled: RequestPermissionResponse = { outcome: { outcome: 'cancelled' } }

export const askOf = ({ toolCall: { toolCallId, name, title } }: RequestPermissionRequest): PermissionAsk => ({
  id: toolCallId,
  tool: name ?? title ?? 'tool',
  title: (title ?? name ?? 'tool').slice(0, 200),
})

/** For this once where that is offered: what is allowed for good is not the agent's to remember. */
export function answerOf({ options }: RequestPermissionRequest, { allow }: Decided): RequestPermissionResponse {
  const kinds = allow ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always']
  const chosen = kinds.map((kind) => options.find((option) => option.kind === kind)).find((option) => option)
  return chosen ? { outcome: { outcome: 'selected', optionId: chosen.optionId } } : cancelled
}

/** An agent's question whether it may, answered in the protocol's words. */
import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk'

export type Decided = { allow: boolean }

/** After a cancel every open question is answered with that, whatever was decided. */
export const cancelled: RequestPermissionResponse = { outcome: { outcome: 'cancelled' } }

/** For this once where that is offered: what is allowed for good is not the agent's to remember. */
export function answerOf({ options }: RequestPermissionRequest, { allow }: Decided): RequestPermissionResponse {
  const kinds = allow ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always']
  const chosen = kinds.map((kind) => options.find((option) => option.kind === kind)).find((option) => option)
  return chosen ? { outcome: { outcome: 'selected', optionId: chosen.optionId } } : cancelled
}

/** Ends what an agent of a story is doing this moment. */
import { Interrupted } from '@sluice/proto/rest.ts'
import type { About } from './command.ts'

export const sendInterrupt = ({ rest, card }: About, body: { role?: string }): Promise<Interrupted> =>
  rest.post(`/api/stories/${encodeURIComponent(card.id)}/interrupt`, body, Interrupted)

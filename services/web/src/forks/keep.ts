/** One of several forks is kept: its siblings are cancelled, with that as their reason. Their branches and worktrees stay. */
import { idOf } from '@sluice/kit/record.ts'
import { StoryCancelled } from '@sluice/proto/events.ts'
import { familyOf } from '@sluice/proto/family.ts'
import { Keep, type Kept } from '@sluice/proto/rest.ts'
import { understood } from '../body.ts'
import { type CommandMeans, runCommand } from '../commands.ts'
import { refuse } from '../refused.ts'
import type { Stories } from '../stories.ts'

type Keeping = { storyId: string; body: unknown; key: string; signal: AbortSignal }

export async function keepStory(
  web: CommandMeans & { stories: Pick<Stories, 'get' | 'record' | 'all'> },
  { storyId, body, key, signal }: Keeping,
): Promise<Kept> {
  const { reason } = understood(Keep, body)
  const cards = web.stories.all().map(({ card }) => card)
  const siblings = familyOf(cards, storyId).filter(({ id }) => id !== storyId)
  if (siblings.length === 0) refuse(409, 'This story has no forks and is none.', 'Cancel the story you do not want.')
  if (web.stories.get(storyId)?.card.status === 'cancelled')
    refuse(409, 'This story is cancelled.', 'Keep one that is not.')

  const said = `${storyId} was kept instead.${reason ? ` ${reason}` : ''}`
  // Said again with the same key each cancels what it had cancelled: cut off in between, the rest is made up for.
  const cancelled = siblings.filter(({ id, status }) => status === 'running' || isCancelledFor(id))
  for (const { id } of cancelled)
    await runCommand(web, { verb: 'cancel', storyId: id, body: { reason: said }, key: `${key}:${id}`, signal })
  return { kept: storyId, cancelled: cancelled.map(({ id }) => id) }

  function isCancelledFor(id: string): boolean {
    return web.stories.get(id)?.said.has(idOf(null, 'web', StoryCancelled.type, `${key}:${id}`, id)) ?? false
  }
}

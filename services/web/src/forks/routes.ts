/** REST of checkpoints and forks: look, go back, begin beside, compare, keep one. */
import { spentOn } from '@sluice/kit/spend.ts'
import type { Usage } from '@sluice/proto/parts.ts'
import type { CheckpointView, Commanded, Comparison, Kept, Submitted } from '@sluice/proto/rest.ts'
import { openRequests } from '@sluice/proto/story/steps.ts'
import { Hono } from 'hono'
import type { Web } from '../app.ts'
import { jsonOf, keyOf } from '../body.ts'
import { runCommand } from '../commands.ts'
import type { Patience } from '../patience.ts'
import { refuse } from '../refused.ts'
import { checkpointPatch, checkpointViews, openProject, rewindOf } from './checkpoints.ts'
import { compare } from './compare.ts'
import { fork } from './fork.ts'
import { keepStory } from './keep.ts'

export function forkRoutes(web: Web): Hono<{ Variables: Patience }> {
  const app = new Hono<{ Variables: Patience }>()
  const known = (id: string): string => {
    if (!web.stories.get(id)) refuse(404, `There is no story ${id}.`, 'Name one of the board.')
    return id
  }
  app.get('/stories/:id/checkpoints', async (c) => {
    const id = known(c.req.param('id'))
    return c.json((await checkpointViews(await openProject(web), id)) satisfies CheckpointView[])
  })
  app.get('/stories/:id/checkpoints/:n/patch', async (c) => {
    const [storyId, n] = [known(c.req.param('id')), Number(c.req.param('n'))]
    const patch = await checkpointPatch(await openProject(web), { storyId, n, since: c.req.query('since') === 'true' })
    return c.text(patch, 200, { 'Content-Type': 'text/x-diff; charset=utf-8' })
  })
  app.post('/stories/:id/rewind', async (c) => {
    const storyId = known(c.req.param('id'))
    const to = await rewindOf(await openProject(web), { storyId, base: web.own.project.base, body: await jsonOf(c) })
    const body = { ...to, spent: await spentByOpen(web, storyId) }
    const event = await runCommand(web, { verb: 'rewind', storyId, body, key: keyOf(c), signal: c.get('late') })
    return c.json({ event } satisfies Commanded)
  })
  app.post('/stories/:id/fork', async (c) => {
    const asked = { storyId: known(c.req.param('id')), body: await jsonOf(c), key: keyOf(c), signal: c.get('late') }
    return c.json({ id: await fork(web, asked) } satisfies Submitted, 201)
  })
  app.post('/stories/:id/keep', async (c) => {
    const asked = { storyId: known(c.req.param('id')), body: await jsonOf(c), key: keyOf(c), signal: c.get('late') }
    return c.json((await keepStory(web, asked)) satisfies Kept)
  })
  app.get('/stories/:id/compare/:other', async (c) => {
    const { id, other } = c.req.param()
    return c.json((await compare(web, [known(id), known(other)])) satisfies Comparison)
  })
  return app
}

/** What those at work have spent until now: they are stopped, and nobody answers for it any more. */
async function spentByOpen({ bus, stories }: Web, storyId: string): Promise<Record<string, Usage>> {
  const story = stories.get(storyId)?.story
  const open = story ? openRequests(story) : []
  const spent = open.map(async ({ role, request }) => [role, await spentOn(bus, { storyId, request, role })] as const)
  return Object.fromEntries(await Promise.all(spent))
}

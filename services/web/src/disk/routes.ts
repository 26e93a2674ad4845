/** The disk over REST. Without the patience of other routes: looking through a large disk takes its time, and removing from it more. */
import { ClearDisk, type ClearedDisk, type Disk } from '@sluice/proto/rest.ts'
import { type Context, Hono } from 'hono'
import type { Web } from '../app.ts'
import { jsonOf, understood } from '../body.ts'
import { refuse } from '../refused.ts'
import { clearDisk, diskView, type Wished } from './disk.ts'
import { DISK_TURN } from './tidy.ts'

export function diskRoutes({ turns, disk, stories }: Pick<Web, 'turns' | 'disk' | 'stories'>): Hono {
  return new Hono()
    .use(async (_, next) => {
      await stories.ready
      await next()
    })
    .get('/', async (c) => {
      const wished = wishedOf(c)
      return c.json((await turns(DISK_TURN, () => diskView(disk, wished))) satisfies Disk)
    })
    .post('/clear', async (c) => {
      const wanted = understood(ClearDisk, await jsonOf(c))
      return c.json((await turns(DISK_TURN, () => clearDisk(disk, wanted))) satisfies ClearedDisk)
    })
}

/** As the address says it: `?now=true&archives=30`. */
function wishedOf(c: Context): Wished {
  const archives = c.req.query('archives')
  const days = archives === undefined ? undefined : Number(archives)
  if (days !== undefined && !(days >= 0)) refuse(400, `${archives} is no number of days.`, 'Give one of 0 or more.')
  return { now: c.req.query('now') === 'true', ...(days === undefined ? {} : { archives: days }) }
}

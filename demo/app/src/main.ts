/** Starts the board: `PORT` (4180) says where it listens, `CORKBOARD_FILE` where its notes are kept (memory if unset). */
import { serve } from '@hono/node-server'
import { createApp } from './app.ts'
import { EXAMPLES } from './examples.ts'
import { openStore } from './store.ts'

const file = process.env.CORKBOARD_FILE
const store = openStore({ ...(file !== undefined && { file }), notes: EXAMPLES })

serve({ fetch: createApp(store).fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 4180) }, ({ port }) => {
  console.log(`Corkboard is on http://127.0.0.1:${port}`)
})

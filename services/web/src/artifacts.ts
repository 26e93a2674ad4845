/** Artifacts over HTTP: put once by the hash of their bytes; shown on the page's own origin only as what cannot run. */
import { type artifactStore, sha256 } from '@sluice/kit/artifacts.ts'
import { TerminalError } from '@sluice/kit/errors.ts'
import { Sha256 } from '@sluice/proto/event.ts'
import { type Context, Hono } from 'hono'
import { onlyHouse } from './access.ts'
import { bytesUpTo } from './body.ts'
import { refuse } from './refused.ts'
import type { Own } from './settings.ts'

export type ArtifactStore = Pick<ReturnType<typeof artifactStore>, 'put' | 'get'>

export const MOST_BYTES = 64 * 1024 * 1024

/** What a browser may be told an artifact is. HTML, SVG and scripts would run with the person's session. */
const harmless = new Map([
  ['image/png', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/webp', 'image/webp'],
  ['text/plain', 'text/plain; charset=utf-8'],
])

export function artifactRoutes(own: Own, store: ArtifactStore): Hono {
  return new Hono()
    .use(onlyHouse(own))
    .get('/:hash', async (c) => {
      const bytes = await bytesOf(store, c.req.param('hash'))
      const as = harmless.get(c.req.query('as') ?? '')
      c.header('Content-Type', as ?? 'application/octet-stream')
      if (!as) c.header('Content-Disposition', 'attachment')
      c.header('Content-Security-Policy', "sandbox; default-src 'none'")
      c.header('X-Content-Type-Options', 'nosniff')
      keptForEver(c)
      return c.body(new Uint8Array(bytes))
    })
    .put('/:hash', async (c) => {
      const bytes = await bytesUpTo(c, MOST_BYTES)
      if (!bytes)
        return refuse(413, 'The artifact is larger than 64 MB.', 'Leave large files where they are and name them.')
      const hash = c.req.param('hash')
      if (sha256(bytes) !== hash)
        refuse(
          400,
          'The bytes are not what their name says.',
          'Name an artifact by the sha256 of its bytes, lower case.',
        )
      const mediaType = c.req.header('content-type') ?? 'application/octet-stream'
      return c.json(await store.put(bytes, { name: hash, mediaType }))
    })
}

export async function bytesOf(store: ArtifactStore, hash: string): Promise<Buffer> {
  if (!Sha256.safeParse(hash).success) refuse(404, 'This names no artifact.', 'Name one by its sha256, lower case.')
  return store.get({ sha256: hash }).catch((cause: unknown) => {
    if (cause instanceof TerminalError) refuse(404, cause.message, 'Look at the story for what it names.')
    throw cause
  })
}

/** The same name never means other bytes. */
export function keptForEver(c: Context): void {
  c.header('Cache-Control', 'private, max-age=31536000, immutable')
}

/** The origin on which what agents wrote is shown: no session, no network, an address nobody can guess, nothing else. */
import { randomBytes } from 'node:crypto'
import type { Log } from '@sluice/kit/log.ts'
import { Hono } from 'hono'
import { isSame, onlyHost } from './access.ts'
import { type ArtifactStore, bytesOf, keptForEver } from './artifacts.ts'
import { answerError, refuse } from './refused.ts'
import { framesOrigin, type Own, pageOrigin } from './settings.ts'

/** Made anew at every start; who has the session is told it. */
export const newSecret = (): string => randomBytes(24).toString('base64url')

export const framesAddress = (own: Own, secret: string): string => `${framesOrigin(own)}/${secret}`

export function framesApp({
  own,
  store,
  secret,
  log,
}: {
  own: Own
  store: ArtifactStore
  secret: string
  log: Log
}): Hono {
  const app = new Hono()
  app.onError(answerError(log))
  app.notFound(() => refuse(404, 'Nothing is here.', `The page is at ${pageOrigin(own)}.`))
  app.use(onlyHost(`localhost:${own.framesPort}`))
  app.use(async (c, next) => {
    // Before anything can fail: an answer without them is none.
    c.header('Content-Security-Policy', policyFor(own))
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Referrer-Policy', 'no-referrer')
    await next()
  })
  app.get('/:secret/:hash', async (c) => {
    if (!isSame(secret, c.req.param('secret'))) refuse(404, 'Nothing is here.', `The page is at ${pageOrigin(own)}.`)
    const bytes = await bytesOf(store, c.req.param('hash'))
    c.header('Content-Type', 'text/html; charset=utf-8')
    keptForEver(c)
    return c.body(new Uint8Array(bytes))
  })
  return app
}

/** Scripts of a mockup may move what it shows; they reach nothing, whatever they try. */
const policyFor = (own: Own): string =>
  [
    'sandbox allow-scripts',
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "script-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${pageOrigin(own)}`,
  ].join('; ')

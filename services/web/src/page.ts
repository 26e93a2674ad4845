/** The built page: files of `ui/dist`, the entrance with the token, and headers under which it may run. */
import { readFile, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { type Context, Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { cookieName, isSame } from './access.ts'
import { refuse } from './refused.ts'
import { framesOrigin, type Own } from './settings.ts'

export function pageRoutes(own: Own, dir: string): Hono {
  return new Hono()
    .use(async (c, next) => {
      c.header('Content-Security-Policy', policyFor(own))
      c.header('X-Content-Type-Options', 'nosniff')
      c.header('Referrer-Policy', 'no-referrer')
      await next()
    })
    .get('/', async (c, next) => (c.req.query('token') === undefined ? next() : enter(c, own)))
    .get('*', (c) => serveFile(c, dir))
}

/** The address with the token becomes a cookie, so that the token stands in no address that is kept or shown. */
function enter(c: Context, own: Own): Response {
  if (!isSame(own.token, c.req.query('token') ?? ''))
    refuse(401, 'This is not the token of this house.', 'Open the address that `sluice up` printed last.')
  setCookie(c, cookieName(own), own.token, { httpOnly: true, sameSite: 'Strict', path: '/' })
  c.header('Cache-Control', 'no-store')
  return c.redirect('/', 302)
}

async function serveFile(c: Context, dir: string): Promise<Response> {
  const path = pathIn(dir, c.req.path)
  const asked = path && (await fileAt(path))
  // An address of the page itself: which view it is, the page knows.
  const file = asked ?? (extname(c.req.path) === '' ? await fileAt(join(dir, 'index.html')) : null)
  if (!file && extname(c.req.path) === '')
    return c.text('The page is not built. Build it: npm run build\n', 503, { 'Cache-Control': 'no-store' })
  if (!file) return refuse(404, 'There is no such file.', 'Open the page at its address: /')

  // What the build puts into assets has the hash of its content in its name; all else is asked for again.
  const isHashed = asked !== null && c.req.path.startsWith('/assets/')
  c.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  c.header('Content-Type', mediaTypes[extname(file.path)] ?? 'application/octet-stream')
  return c.body(new Uint8Array(file.bytes))
}

/** Null for an address that leads out of the folder. */
function pathIn(dir: string, address: string): string | null {
  try {
    const path = join(dir, decodeURIComponent(address))
    return path.startsWith(dir + sep) && !path.includes('\0') ? path : null
  } catch {
    return null
  }
}

async function fileAt(path: string): Promise<{ path: string; bytes: Buffer } | null> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  return isFile ? { path, bytes: await readFile(path) } : null
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** The page loads only itself, speaks only to us and the bus, and frames only what agents wrote, on its own origin. */
const policyFor = (own: Own): string =>
  [
    "default-src 'self'",
    `connect-src 'self' ${own.bus.url}`,
    "img-src 'self' data:",
    `frame-src ${framesOrigin(own)}`,
    "style-src 'self' 'unsafe-inline'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

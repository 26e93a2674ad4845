/** Who may ask at all: the right host, the right origin, and whose token it is. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { refuse } from './refused.ts'
import { type Own, pageOrigin } from './settings.ts'

/** Cookies do not know ports: two houses on one machine have two names. */
export const cookieName = ({ port }: Pick<Own, 'port'>): string => `sluice-${port}`

/** A page on another name that resolves to this machine (DNS rebinding) is sent away. */
export const onlyHost =
  (host: string): MiddlewareHandler =>
  async (c, next) => {
    if (c.req.header('host') !== host) refuse(403, 'This address is not served here.', `Ask http://${host}.`)
    await next()
  }

/** What changes something comes from our own page, or from a program that holds the token itself. */
export const onlyOrigin =
  (own: Own): MiddlewareHandler =>
  async (c, next) => {
    const origin = c.req.header('origin')
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD'
    const ours = origin === pageOrigin(own) || (origin === undefined && bearerOf(c) !== null)
    if (!reads && !ours)
      refuse(
        403,
        'Another page may not ask this.',
        `Use the page at ${pageOrigin(own)}, or send the token as a bearer.`,
      )
    await next()
  }

export const onlyPerson =
  (own: Own): MiddlewareHandler =>
  async (c, next) => {
    if (!isSame(own.token, tokenOf(c, own))) refuseStranger()
    await next()
  }

/** The person, or a role with its artifact token. */
export const onlyHouse =
  (own: Own): MiddlewareHandler =>
  async (c, next) => {
    const given = tokenOf(c, own)
    const known = [own.token, ...Object.keys(own.roleTokens)]
    if (known.filter((token) => isSame(token, given)).length === 0) refuseStranger()
    await next()
  }

/** How long it takes says nothing about how much of it was right. */
export const isSame = (known: string, given: string): boolean => timingSafeEqual(digest(known), digest(given))
const digest = (text: string) => createHash('sha256').update(text).digest()

function refuseStranger(): never {
  refuse(
    401,
    'This needs the session token.',
    'Open the address that `sluice up` printed; programs send the token as a bearer.',
  )
}

const tokenOf = (c: Context, own: Own): string => bearerOf(c) ?? getCookie(c, cookieName(own)) ?? ''
export const bearerOf = (c: Context): string | null =>
  /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? null

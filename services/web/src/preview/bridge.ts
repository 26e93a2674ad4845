/** Between a person's browser and a preview: on a host of its own that nobody guesses, without session, and held to itself. */
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { passToApp, upgradeToApp } from '@sluice/kit/jails/app-door.ts'
import { type Own, pageOrigin } from '../settings.ts'
import type { Preview } from './preview.ts'
import type { Previews } from './previews.ts'

export type Bridge = {
  /** False: this is for somebody else on this port. */
  request(asked: IncomingMessage, reply: ServerResponse): boolean
  upgrade(asked: IncomingMessage, socket: Duplex, head: Buffer): void
}

export function previewBridge(own: Own, previews: Previews): Bridge {
  const hostOf = new RegExp(`^([0-9a-f]{32})\\.localhost:${own.framesPort}$`)
  const labelIn = (asked: IncomingMessage) => hostOf.exec(asked.headers.host ?? '')?.[1]
  /** The app's cookies are kept here: the browser's are the person's, and cookies do not know ports. */
  const jars = new WeakMap<Preview, Map<string, string>>()

  function passing(preview: Preview, asked: IncomingMessage) {
    const { port, inlet, label } = preview
    const jar = jars.get(preview) ?? new Map<string, string>()
    jars.set(preview, jar)
    const [outside, inside] = [`http://${label}.localhost:${own.framesPort}`, `http://localhost:${port}`]
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = {
      // The app takes its own page for what it is: a request from itself.
      ...(asked.headers.origin === outside && { origin: inside }),
      ...(asked.headers.referer && { referer: asked.headers.referer.replace(outside, inside) }),
      ...(cookie && { cookie }),
    }
    return { inlet, port, headers, back: (from: IncomingHttpHeaders) => heldHeaders(from, { own, label, inside, jar }) }
  }

  return {
    request(asked, reply) {
      const label = labelIn(asked)
      if (label === undefined) return false
      const preview = previews.labelled(label)
      preview?.touch()
      const state = preview?.view().state
      if (!preview || state !== 'running') tell(reply, own, preview)
      else
        passToApp(asked, reply, passing(preview, asked)).catch(() => {
          if (reply.headersSent) reply.destroy()
          else tell(reply, own, preview)
        })
      return true
    },
    upgrade(asked, socket, head) {
      const preview = previews.labelled(labelIn(asked) ?? '')
      if (!preview) return void socket.destroy()
      const kept = setInterval(preview.touch, 60_000)
      socket.once('close', () => clearInterval(kept))
      upgradeToApp(asked, socket, { ...passing(preview, asked), head }).catch(() => socket.destroy())
    },
  }
}

type Held = { own: Own; label: string; inside: string; jar: Map<string, string> }

function heldHeaders(from: IncomingHttpHeaders, { own, label, inside, jar }: Held): OutgoingHttpHeaders {
  const { 'set-cookie': cookies = [], 'content-security-policy': policy, location, ...headers } = from
  for (const cookie of cookies) {
    const [, name = '', value = ''] = /^\s*([^=;\s]+)=([^;]*)/.exec(cookie) ?? []
    if (/;\s*max-age=(0|-)/i.test(cookie) || value === '') jar.delete(name)
    else if (name) jar.set(name, value)
  }
  delete headers['strict-transport-security']
  const held: OutgoingHttpHeaders = {
    ...headers,
    ...(location !== undefined && { location: location.replace(inside, '') || '/' }),
    // Several policies all hold: the app's own may only forbid more.
    'content-security-policy': [policyFor(own, label), ...(policy ? [policy] : [])].join(', '),
    'referrer-policy': 'no-referrer',
    // One that was looked at under another start's address would be shown again.
    'cache-control': headers['cache-control'] ?? 'no-store',
  }
  return held
}

/** It may do on its own host whatever an app does; of everybody else it reaches nobody, and opens no window. */
function policyFor(own: Own, label: string): string {
  const host = `${label}.localhost:${own.framesPort}`
  return [
    'sandbox allow-scripts allow-same-origin allow-forms allow-modals allow-downloads',
    `default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:`,
    `connect-src 'self' ws://${host} data: blob:`,
    "form-action 'self'",
    "base-uri 'self'",
    `frame-ancestors ${pageOrigin(own)}`,
  ].join('; ')
}

/** Where there is no app to show: what stands in its place. */
function tell(reply: ServerResponse, own: Own, preview: Preview | undefined): void {
  const { state, problem } = preview?.view() ?? { state: 'off' as const, problem: null }
  const waiting = state === 'preparing' || state === 'starting'
  const says = problem ?? SAYS[state]
  const again = waiting ? '<meta http-equiv="refresh" content="1">' : ''
  reply.writeHead(preview ? 503 : 404, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; frame-ancestors ${pageOrigin(own)}`,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
  reply.end(
    `<!doctype html><html lang="en"><meta name="color-scheme" content="light dark">${again}<title>Preview</title>` +
      `<body style="font: 16px system-ui; max-width: 40em; margin: 4em auto; padding: 0 1em"><p>${escaped(says)}</p>`,
  )
}

const SAYS = {
  off: 'This preview does not run. Start it on the story’s page, or with `sluice story preview`.',
  preparing: 'The project is checked out and set up …',
  starting: 'The app is starting …',
  running: 'The app does not answer.',
  ended: 'The app has ended.',
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)

/** A run's way to models and to the network: an address of the gateway, and a token that is good for this run only. */
import { type Limits, Waiting } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { TerminalError } from './errors.ts'

const Standing = z.object({ refused: Waiting.nullable() })
const Opened = z.object({ token: z.string().min(1), egressUrl: z.url() })

export type ModelAccess = AsyncDisposable & {
  readonly url: string
  /** Good now: read it for every call, a gateway that was started anew changes it. */
  readonly token: string
  readonly egressUrl: string
  /** The person's own login passes through, in place of the gateway's key. */
  readonly login?: boolean
  /** The gateway does not know the token any more: another one is asked for. */
  reopen(): Promise<void>
  /** Why the gateway sent the run's last call away, for engines that hear only that it did; null if it did not. */
  refusal?(): Promise<Waiting | null>
  /** Nobody will ask again for what this run was answered: said before it is closed. */
  over?(): void
}

export type RunAtGateway = {
  storyId: string
  role: string
  runId: string
  attempt: number
  budgetUsd: number
  limits?: Limits | undefined
  /** Which process of its role asks. */
  replica?: string
  /** The parked runs it goes on from, whose answers it may hear again. */
  continues?: readonly string[]
  /** Its calls are made with the person's login. */
  login?: boolean
  /** Hosts this run may reach, beside the model: `registry.npmjs.org`, `*.example.org`, `127.0.0.1:4873`. */
  egress: readonly string[]
}

/** Opens the run at the gateway; closing the access voids its token. */
export async function openModelAccess(
  gateway: { url: string; secret: string },
  run: RunAtGateway,
): Promise<ModelAccess> {
  let opened = await openRun(gateway, run)
  let reopening: Promise<void> | null = null
  let isOver = false
  return {
    url: gateway.url,
    ...(run.login ? { login: true } : {}),
    get token() {
      return opened.token
    },
    get egressUrl() {
      return opened.egressUrl
    },
    async reopen() {
      // Parallel calls find their token void together: one asks for all.
      reopening ??= openRun(gateway, run)
        .then((again) => {
          opened = again
        })
        .finally(() => {
          reopening = null
        })
      await reopening
    },
    async refusal() {
      const reply = await ask(gateway, `/runs/${opened.token}`, { method: 'GET' })
      return reply.ok ? Standing.parse(await reply.json()).refused : null
    },
    over() {
      isOver = true
    },
    async [Symbol.asyncDispose]() {
      // A gateway that is gone has forgotten the token too.
      await ask(gateway, `/runs/${opened.token}${isOver ? '?over' : ''}`, { method: 'DELETE' }).catch(() => undefined)
    },
  }
}

async function openRun(gateway: { url: string; secret: string }, run: RunAtGateway) {
  const reply = await ask(gateway, '/runs', { method: 'POST', body: JSON.stringify(run) })
  if (reply.status === 400 || reply.status === 401 || reply.status === 403)
    throw new TerminalError(`The gateway refuses this run: ${reply.status} ${await reply.text()}`)
  if (!reply.ok) throw new Error(`The gateway did not open the run: ${reply.status}`)
  return Opened.parse(await reply.json())
}

const ask = ({ url, secret }: { url: string; secret: string }, path: string, init: RequestInit) =>
  fetch(`${url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(10_000),
  })

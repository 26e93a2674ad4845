/** Sees the calls that a program of somebody else's makes to models: counts them in the journal, says who answered, ends silence, tells what went wrong. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Occupant } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { type MessageRead, messageReader } from '../message-reader.ts'
import { type Prices, priceOf, usageOf } from '../prices.ts'
import type { Run, SessionEntry, UsageEntry } from '../run.ts'
import type { CallWatch, PassingCall } from '../run-socket.ts'
import { type Trouble, troubleOf } from './trouble.ts'

export type ModelWatch = CallWatch & {
  /** Calls on their way at the moment. */
  readonly open: number
  /** Resolves once all that was seen is in the journal. */
  settled(): Promise<void>
}

export type WatchOptions = {
  run: Run
  /** Which conversation of the run it is: stands in each entry. */
  number: number
  /** Who asks; the answer says which model, and whether a script played it. */
  who: Omit<Occupant, 'model' | 'scripted'>
  prices?: Prices
  /** So long without a byte, and a call is broken off: its program tries again. */
  idleMs: number
  /** Every sign of a model at work. */
  onSign(): void
  /** A call was answered with trouble. */
  onTrouble(trouble: Trouble): void
  /** The model will not go on with this. */
  onRefused(why: string): void
  /** The journal could not be written: the run is over. */
  onError(error: unknown): void
}

const Usage = z.looseObject({ hosted: z.number(), message: z.string() })

/** Calls whose cost the journal holds, by the id of their message. */
export const countedIn = (run: Run): Set<string> =>
  new Set(
    [...run.earlier, ...run.entries()].flatMap(({ kind, data }) =>
      kind === 'usage' ? (Usage.safeParse(data).data?.message ?? []) : [],
    ),
  )

export function watchModel(options: WatchOptions): ModelWatch {
  const { onSign, onTrouble, onRefused, onError, idleMs } = options
  const writing = new Set<Promise<void>>()
  let open = 0

  function write(work: Promise<void>): void {
    const settled = work.catch(onError).finally(() => writing.delete(settled))
    writing.add(settled)
  }

  return {
    get open() {
      return open
    },
    async settled() {
      while (writing.size > 0) await Promise.all(writing)
    },
    async calling(cut): Promise<PassingCall> {
      open++
      onSign()
      let status = 0
      let headers: IncomingHttpHeaders = {}
      let reader = messageReader(undefined)
      const silence = setTimeout(() => {
        write(options.run.append('note', { type: 'retry', text: silent(idleMs), delayMs: 0 }))
        cut()
      }, idleMs)
      return {
        answered(said, given) {
          ;[status, headers] = [said, given]
          reader = messageReader(headers['content-type'])
        },
        read(chunk) {
          silence.refresh()
          onSign()
          reader.read(chunk)
        },
        ended() {
          clearTimeout(silence)
          open--
          onSign()
          const message = reader.message()
          if (message.id && message.usage)
            write(count(options, { ...message, id: message.id, scripted: scripted(headers) }))
          const requestId = String(headers['request-id'] ?? '') || null
          if (message.stopReason === 'refusal')
            onRefused(`The model refused to go on, request ${requestId ?? 'without an id'}.`)
          const trouble = troubleIn(message, { status, headers, requestId })
          if (trouble) onTrouble(trouble)
        },
      }
    },
  }
}

const silent = (ms: number): string => `The model was silent for ${Math.round(ms / 1000)} s: the call was broken off.`
const scripted = (headers: IncomingHttpHeaders): string | undefined =>
  String(headers['x-sluice-scripted'] ?? '') || undefined

type Counted = {
  id: string
  model: string | null
  usage: Parameters<typeof usageOf>[0] | null
  scripted: string | undefined
}

/** Who, then what it cost: killed in between, it is counted when the conversation is read again. */
async function count(
  { run, number, who, prices }: WatchOptions,
  { id, model, usage, scripted }: Counted,
): Promise<void> {
  if (!model || !usage) return
  const last = run.entries().findLast((e) => e.kind === 'session')?.data as SessionEntry | undefined
  const occupant: Occupant = { ...who, model, ...(scripted ? { scripted } : {}) }
  if (JSON.stringify(last?.occupant) !== JSON.stringify(occupant))
    await run.append('session', { occupant } satisfies SessionEntry)
  await run.append('usage', {
    ...({ usage: usageOf(usage, priceOf(model, prices)), model } satisfies UsageEntry),
    ...{ hosted: number, message: id },
  })
}

const Details = z.looseObject({ error_code: z.string().optional() })

type Heard = { status: number; headers: IncomingHttpHeaders; requestId: string | null }

function troubleIn({ problem }: MessageRead, { status, headers, requestId }: Heard): Trouble | null {
  if (!problem && status < 400) return null
  const { type = null, message = `It answered ${status}.`, details } = problem ?? {}
  const errorCode = Details.safeParse(details).data?.error_code ?? null
  const said = { status: status >= 400 ? status : null, type, errorCode, apiMessage: message, details }
  const given = new Headers()
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') given.set(name, value)
  return troubleOf({ ...said, requestID: requestId }, given)
}

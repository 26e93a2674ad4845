/** One answer on its way: read once from the provider, heard from its first byte by everybody who asks for it under its key. */
import { setTimeout as sleep } from 'node:timers/promises'

export type Head = { status: number; headers: Headers; body?: string }

export type Answering = {
  /** Of the request it answers; another one under the same key is not meant. */
  readonly asked: string
  /** Aborted when nobody listens and nothing of it is worth keeping. */
  readonly signal: AbortSignal
  head: Promise<Head>
  begin(head: Head): void
  push(bytes: Uint8Array): void
  /** What is pushed from here on passes once it has ended. */
  hold(): void
  end(how: 'whole' | 'cut'): void
  /** It left for the provider: from here on it is read to its end, for a while, whoever goes away. */
  sent(): void
  /** From the first byte on; `gone` ends this listening. */
  listen(gone: AbortSignal, cut: () => Promise<void>): ReadableStream<Uint8Array>
  /** Nobody listens, and nothing has come for so long that nothing will. */
  isDead(silentMs: number): boolean
  fail(error: unknown): void
  /** Nobody will listen any more. */
  giveUp(): void
}

export type AnsweringOptions = {
  asked: string
  /** How long it is read on with nobody listening; 0: it ends with who asked. */
  lingerMs: number
  now?: () => number
}

export function openAnswering({ asked, lingerMs, now = Date.now }: AnsweringOptions): Answering {
  const { promise: head, resolve: begin, reject: fail } = Promise.withResolvers<Head>()
  head.catch(() => undefined)
  const stop = new AbortController()
  const chunks: Uint8Array[] = []
  let open = Number.POSITIVE_INFINITY
  let ended: 'whole' | 'cut' | null = null
  let listeners = 0
  let isSent = false
  let heardAt = now()
  let leaving: AbortController | null = null
  let moved = Promise.withResolvers<void>()
  const move = () => {
    moved.resolve()
    moved = Promise.withResolvers()
  }

  function left(): void {
    if (--listeners > 0 || ended) return
    if (!isSent || lingerMs === 0) {
      stop.abort(new Error('Nobody listens.'))
      return
    }
    leaving = new AbortController()
    sleep(lingerMs, null, { signal: leaving.signal, ref: false }).then(
      () => stop.abort(new Error('Nobody listened for too long.')),
      () => undefined,
    )
  }

  return {
    asked,
    signal: stop.signal,
    head,
    begin(said) {
      heardAt = now()
      begin(said)
    },
    fail,
    sent() {
      isSent = true
    },
    push(bytes) {
      heardAt = now()
      chunks.push(bytes)
      move()
    },
    hold() {
      open = Math.min(open, chunks.length)
    },
    end(how) {
      ended = how
      leaving?.abort()
      move()
    },
    isDead: (silentMs) => listeners === 0 && ended === null && now() - heardAt > silentMs,
    giveUp: () => stop.abort(new Error('It was given up.')),
    listen(gone, cut) {
      listeners++
      leaving?.abort()
      let at = 0
      let listening = true
      const leave = () => {
        if (!listening) return
        listening = false
        left()
      }
      const away = new Promise<void>((resolve) => gone.addEventListener('abort', () => resolve(), { once: true }))
      if (gone.aborted) leave()
      void away.then(leave)
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            for (;;) {
              const next =
                at < (ended === 'whole' ? chunks.length : Math.min(open, chunks.length)) ? chunks[at] : undefined
              if (next && !gone.aborted) {
                at++
                return controller.enqueue(next)
              }
              if (gone.aborted || ended) {
                leave()
                if (gone.aborted || ended === 'cut') await cut()
                return controller.close()
              }
              await Promise.race([moved.promise, away])
            }
          },
          cancel: leave,
        },
        { highWaterMark: 0 },
      )
    },
  }
}

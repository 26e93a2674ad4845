/** The other side of a request with a reply: answers one subject for as long as the process lives. */
import type { z } from 'zod'
import type { Bus } from './bus.ts'
import type { Log } from './log.ts'

export type Answering<Q extends z.ZodType> = {
  subject: string
  asks: Q
  answer(asked: z.infer<Q>): Promise<unknown>
  log: Log
  signal: AbortSignal
}

/** Until `signal` aborts. Nobody is left waiting: who asks what cannot be read or answered is told `error`. */
export async function answerRequests<Q extends z.ZodType>(bus: Bus, answering: Answering<Q>): Promise<void> {
  const { subject, asks, answer, log, signal } = answering
  if (signal.aborted) return
  const subscription = bus.nc.subscribe(subject)
  const stop = () => subscription.unsubscribe()
  signal.addEventListener('abort', stop, { once: true })

  for await (const message of subscription) {
    const reply = await replyTo(() => message.json(), asks, answer).catch((error: unknown) => {
      log.warn({ err: error, subject }, 'a request could not be answered')
      return { error: error instanceof Error ? error.message : String(error) }
    })
    message.respond(JSON.stringify(reply))
  }
}

async function replyTo<Q extends z.ZodType>(
  read: () => unknown,
  asks: Q,
  answer: Answering<Q>['answer'],
): Promise<unknown> {
  return answer(asks.parse(read()))
}

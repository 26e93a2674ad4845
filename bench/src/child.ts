/** A process of a bench: runs one file, says when it is ready, and is gone when its owner is. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

export type Child = AsyncDisposable & { pid: number; ask<T>(question: string): Promise<T> }

/** Starts `file` and waits until it says it is ready. */
export async function startChild(file: URL, config: unknown): Promise<Child> {
  const child = fork(file, [JSON.stringify(config)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await answerOf(child, 'ready')
  return {
    pid: child.pid ?? 0,
    async ask<T>(question: string) {
      child.send({ question })
      return (await answerOf(child, question)) as T
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

function answerOf(child: ChildProcess, question: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`A process of the bench ended with ${code}.`))
    const heard = (message: { question: string; answer: unknown }) => {
      if (message.question !== question) return
      child.off('message', heard).off('exit', died)
      resolve(message.answer)
    }
    child.on('message', heard).once('exit', died)
  })
}

/** The other side: what the owner handed in, and answers to what it asks. `signal` aborts when the owner lets go. */
export async function beChild<C>(
  main: (config: C, signal: AbortSignal) => Promise<Record<string, () => unknown>>,
): Promise<void> {
  const stop = new AbortController()
  process.once('disconnect', () => {
    stop.abort(new Error('The bench is over.'))
    setTimeout(() => process.exit(), 1_000).unref()
  })
  const answers = await main(JSON.parse(process.argv[2] ?? '{}') as C, stop.signal)
  process.on('message', ({ question }: { question: string }) =>
    process.send?.({ question, answer: answers[question]?.() ?? null }),
  )
  process.send?.({ question: 'ready', answer: null })
}

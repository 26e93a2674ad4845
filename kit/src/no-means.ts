/** Means of a seat whose reviewer brings its own: the host lends it nothing. */
import { TerminalError } from './errors.ts'
import type { ServeOptions } from './serve.ts'

export const noMeans: ServeOptions['means'] = async () => ({
  agent: { run: nothing },
  memory: { search: nothing },
  artifacts: { put: nothing, get: nothing },
  workshop: {
    ...{ jailed: nothing, browser: nothing, liveTerminal: nothing, dataDir: '', copy: [] },
    started: () => undefined,
    serve: () => ({ [Symbol.dispose]: () => undefined }),
    watch: () => ({ [Symbol.dispose]: () => undefined }),
    [Symbol.asyncDispose]: async () => undefined,
  },
  [Symbol.asyncDispose]: async () => undefined,
})

const nothing = (): Promise<never> =>
  Promise.reject(new TerminalError('A reviewer from elsewhere has no means of the host: it brings its own.'))

/** Search by ripgrep inside the jail: it reads an agent's tree, so it sees no more than the agent does. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Place } from '../agent.ts'
import { spawnJailed } from '../jail.ts'
import type { Query } from './grep.ts'
import type { Source } from './source.ts'

const LONGEST_LINE = 400
const LONGEST_MS = 20_000

/** Null where it is not installed: the search of our own answers then. */
export async function ripgrepIn(place: Place): Promise<NonNullable<Source['search']> | null> {
  const program = await import('@vscode/ripgrep').then(
    ({ rgPath }) => rgPath,
    () => null,
  )
  return program === null ? null : (query, signal) => search(program, { place, query, signal })
}

async function search(
  program: string,
  { place, query, signal }: { place: Place; query: Query; signal: AbortSignal },
): Promise<string[]> {
  const { socket: _, ...sight } = place.policy
  const policy = { ...sight, worktree: place.dir, readable: [...(sight.readable ?? []), program] }
  const enough = new AbortController()
  const limit = AbortSignal.timeout(LONGEST_MS)
  const { child, exited } = spawnJailed(place.jail, policy, [program, ...argsFor(query)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.any([signal, enough.signal, limit]),
  })
  const complaint = child.stderr ? text(child.stderr) : Promise.resolve('')
  const found: string[] = []
  if (child.stdout) {
    const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })
    lines.on('line', (line) => {
      if (found.length < query.most) found.push(line.replace(/^\.\//, ''))
      else enough.abort()
    })
    await once(lines, 'close')
  }
  const { code } = await exited
  signal.throwIfAborted()
  if (limit.aborted) throw new Error('The search took too long: make the pattern or the place narrower.')
  // 1: nothing matches; 2 with matches: something could not be read (rg(1), exit status).
  if (found.length === 0 && code !== 0 && code !== 1) throw new Error(`The search failed: ${(await complaint).trim()}`)
  return found
}

function argsFor({ pattern, glob, type, path = '.', ignoreCase, show, context }: Query): string[] {
  return [
    // No file of the tree decides what is run or followed.
    ...['--no-config', '--no-follow', '--no-require-git', '--no-messages', '--color', 'never'],
    ...['--hidden', '--glob', '!.git', '--sort', 'path', '--engine', 'auto', '--with-filename', '--no-heading'],
    ...['--max-columns', String(LONGEST_LINE), '--max-columns-preview'],
    ...(show === 'files' ? ['--files-with-matches'] : show === 'counts' ? ['--count'] : ['--line-number']),
    ...(context > 0 ? ['--context', String(context)] : []),
    ...(ignoreCase ? ['--ignore-case'] : []),
    ...(glob ? ['--glob', glob.replace(/^\.?\//, '/')] : []),
    ...(type ? ['--type', type] : []),
    ...['-e', pattern, '--', path.startsWith('/') || path.startsWith('.') ? path : `./${path}`],
  ]
}

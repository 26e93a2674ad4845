/** `npm run bench -- <name>`: what Sluice costs, as ratios in one run on one machine. */
import { Refusal } from '@sluice/kit/errors.ts'
import { type Benchmark, say } from './benchmark.ts'
import { cache } from './cache.ts'
import { engines } from './engines.ts'
import { line } from './line.ts'
import { memory } from './memory.ts'
import { page } from './page.ts'
import { peers } from './peers.ts'
import { replicas } from './replicas.ts'
import { worktrees } from './worktrees.ts'

const benches: readonly Benchmark[] = [line, peers, replicas, worktrees, page, memory, cache, engines]

const list = (): string =>
  [
    'npm run bench -- <name> [--quick] [--json]',
    ...benches.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`),
    'docs/bench.md says what each measures and how to read it.',
  ].join('\n')

async function bench([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') return tellUsage(list())
  const found = benches.find((one) => one.name === name)
  if (!found) throw new Refusal(`There is no bench ${name}.`, `There are: ${benches.map((b) => b.name).join(', ')}.`)
  return args.includes('--help') ? tellUsage(found.usage) : found.run(args)
}

function tellUsage(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

try {
  process.exitCode = await bench(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  say(`bench: ${error.message}`)
  process.exitCode = 2
}

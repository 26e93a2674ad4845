/** `npm run bench -- <name>`: what is measured, each beside what it is measured against. */
import { memory } from './memory.ts'

export type Bench = { name: string; summary: string; usage: string; run(args: string[]): Promise<number> }

const benches: Bench[] = [memory]

const [name = '--help', ...args] = process.argv.slice(2)
const bench = benches.find((one) => one.name === name)
if (bench && args.some((word) => word === '--help' || word === '-h')) {
  process.stdout.write(`${bench.summary}\n\nUsage: ${bench.usage}\n`)
} else if (bench) {
  process.exitCode = await bench.run(args)
} else {
  const lines = benches.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`)
  process.stdout.write(`Measures Sluice.\n\nUsage: npm run bench -- <name> [--json]\n\n${lines.join('\n')}\n`)
  if (name !== '--help' && name !== '-h') process.exitCode = 2
}

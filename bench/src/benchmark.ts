/** What a bench is: a name, what it measures, and a run that ends with an exit code. */
import { parseArgs } from 'node:util'
import { Refusal } from '@sluice/kit/errors.ts'

export type Benchmark = {
  name: string
  /** One line for the list. */
  summary: string
  /** What `--help` prints. */
  usage: string
  run(args: string[]): Promise<number>
}

export type Look = {
  /** One JSON object on stdout, progress on stderr. */
  json: boolean
  /** Small counts: to see that it runs, not to read numbers from. */
  quick: boolean
}

/** The two flags every bench has. */
export function lookFrom(args: string[]): Look {
  try {
    const { values } = parseArgs({ args, options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } })
    return { json: values.json ?? false, quick: values.quick ?? false }
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : error}`, 'Every bench knows --json and --quick.')
  }
}

/** Progress goes to stderr: stdout holds the outcome alone. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** The outcome: one JSON object, or lines for people. */
export function tell({ json }: Look, outcome: unknown, lines: readonly string[]): void {
  process.stdout.write(`${json ? JSON.stringify(outcome, null, 2) : lines.join('\n')}\n`)
}

/** Measures what memory finds, and how fast, with the service's own index, on stories and queries from files. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { type Measured, measured } from './memory/measured.ts'
import { readQueries, readStories } from './memory/read.ts'
import { type Sized, sized } from './memory/sized.ts'

const usage =
  'npm run bench -- memory [--json] [--dir DIR | --stories FILE --queries FILE]   (DIR defaults to $SLUICE_EVAL)'

export const memory: Benchmark = {
  name: 'memory',
  summary: 'What memory finds of what it should (nDCG, recall, MRR), how fast, and how large it gets.',
  usage,
  async run(args) {
    const text = { type: 'string' } as const
    const options = { json: { type: 'boolean' }, dir: text, stories: text, queries: text } as const
    const { values } = parseArgs({ args, options })
    const sets = setsIn(values)
    if (typeof sets === 'string') {
      process.stderr.write(`${sets}\n`)
      return 2
    }
    const results: Measured[] = []
    for (const { name, stories, queries } of sets)
      results.push(await measured({ name, stories: readStories(stories), queries: readQueries(queries) }))
    const all = sets.flatMap(({ stories }) => readStories(stories))
    const asked = sets.flatMap(({ queries }) => readQueries(queries))
    const sizes: Sized[] = []
    for (const size of [1_000, 10_000]) sizes.push(await sized({ size, stories: all, queries: asked }))

    process.stdout.write(values.json ? `${JSON.stringify({ sets: results, sizes }, null, 2)}\n` : table(results, sizes))
    return 0
  },
}

type Files = { name: string; stories: string; queries: string }

/** The sets, or the sentence that says why there are none. */
function setsIn(values: {
  dir?: string | undefined
  stories?: string | undefined
  queries?: string | undefined
}): Files[] | string {
  const { stories, queries } = values
  const missing = [stories, queries].find((file) => file !== undefined && !existsSync(file))
  if (missing) return `There is no ${missing}. Name a file of stories and one of queries.`
  if (stories && queries) return [{ name: nameOf(stories), stories, queries }]
  if (stories || queries) return `Stories and queries belong together. Usage: ${usage}`
  const dir = values.dir ?? process.env.SLUICE_EVAL
  if (!dir || !existsSync(dir))
    return `The data to measure on is not here: name its directory with --dir or SLUICE_EVAL, with <name>.stories.jsonl and <name>.queries.jsonl in it.`
  const names = readdirSync(dir)
    .filter((file) => file.endsWith('.stories.jsonl'))
    .sort()
  const sets = names.map((file) => ({
    name: nameOf(file),
    stories: join(dir, file),
    queries: join(dir, file.replace(/\.stories\.jsonl$/, '.queries.jsonl')),
  }))
  const whole = sets.filter((set) => existsSync(set.queries))
  return whole.length > 0
    ? whole
    : `${dir} holds no <name>.stories.jsonl with its <name>.queries.jsonl. Name another one.`
}

const nameOf = (file: string): string => (file.split('/').at(-1) ?? file).replace(/\.stories\.jsonl$|\.jsonl$/, '')

function table(sets: Measured[], sizes: Sized[]): string {
  const rows = [
    ['set', 'stories', 'queries', 'nDCG@10', 'recall@10', 'MRR', 'files recall@10', 'p50 ms', 'p95 ms', 'index MB'],
    ...sets.map((s) => [
      ...[s.name, String(s.stories), String(s.queries), f(s.ndcg10), f(s.recall10), f(s.mrr), f(s.files10)],
      ...[s.p50Ms.toFixed(1), s.p95Ms.toFixed(1), s.indexMb.toFixed(1)],
    ]),
  ]
  const sizeRows = [
    ['stories', 'p50 ms', 'p95 ms', 'index MB', 'to build s'],
    ...sizes.map((s) => [
      ...[String(s.stories), s.p50Ms.toFixed(1), s.p95Ms.toFixed(1), s.indexMb.toFixed(1), s.buildSeconds.toFixed(1)],
    ]),
  ]
  return `${aligned(rows)}\n\nThe same stories over and over, each copy with words and folders of its own:\n${aligned(sizeRows)}\n`
}

const f = (value: number): string => value.toFixed(3)

function aligned(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  return rows.map(line).join('\n')
}

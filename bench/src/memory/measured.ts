/** One set, asked in order: a query sees only what was there before it. */
import { openIndex, quantile } from './index-of.ts'
import type { PastStory, Query } from './read.ts'

export type Measured = {
  name: string
  stories: number
  queries: number
  /** Of stories; the mean over queries that have a relevant one. */
  ndcg10: number
  recall10: number
  mrr: number
  /** Of files that were known before; the mean over queries that touched one. */
  files10: number
  p50Ms: number
  p95Ms: number
  indexMb: number
}

type Set = { name: string; stories: readonly PastStory[]; queries: readonly Query[] }

export async function measured({ name, stories, queries }: Set): Promise<Measured> {
  using index = openIndex()
  const open = [...stories]
  const scores = { ndcg: [] as number[], recall: [] as number[], mrr: [] as number[], files: [] as number[] }
  const took: number[] = []
  for (const query of queries) {
    const before = open.findIndex(({ seq }) => seq >= query.seq)
    const added = open.splice(0, before === -1 ? open.length : before)
    index.add(added)
    // What was just added is taken in by whoever asks first, which is once a commit and not once a query.
    if (added.length > 0) index.find(query)
    const start = performance.now()
    const found = index.find(query)
    took.push(performance.now() - start)
    if (Object.keys(query.rel).length > 0) {
      scores.ndcg.push(ndcg(query.rel, found.stories))
      scores.recall.push(recall(Object.keys(query.rel), found.stories))
      const first = found.stories.findIndex((id) => id in query.rel)
      scores.mrr.push(first === -1 ? 0 : 1 / (first + 1))
    }
    if (query.known_files.length > 0) scores.files.push(recall(query.known_files, found.files))
    // Whoever wants to stop this may.
    await new Promise(setImmediate)
  }
  took.sort((a, b) => a - b)
  return {
    ...{ name, stories: stories.length, queries: queries.length },
    ...{ ndcg10: mean(scores.ndcg), recall10: mean(scores.recall), mrr: mean(scores.mrr), files10: mean(scores.files) },
    ...{ p50Ms: quantile(took, 0.5), p95Ms: quantile(took, 0.95), indexMb: index.megabytes() },
  }
}

const DEPTH = 10
const discounted = (gain: number, place: number): number => gain / Math.log2(place + 2)

function ndcg(rel: Readonly<Record<string, number>>, found: readonly string[]): number {
  const ideal = Object.values(rel)
    .sort((a, b) => b - a)
    .slice(0, DEPTH)
    .reduce((sum, gain, i) => sum + discounted(gain, i), 0)
  return found.slice(0, DEPTH).reduce((sum, id, i) => sum + discounted(rel[id] ?? 0, i), 0) / ideal
}

const recall = (wanted: readonly string[], found: readonly string[]): number =>
  wanted.filter((one) => found.slice(0, DEPTH).includes(one)).length / wanted.length

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / (values.length || 1)

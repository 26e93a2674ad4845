/** An index of a given size: the same stories over and over, each copy with words and folders of its own. */
import { openIndex, quantile } from './index-of.ts'
import type { PastStory, Query } from './read.ts'

export type Sized = { stories: number; p50Ms: number; p95Ms: number; indexMb: number; buildSeconds: number }

const QUERIES = 200
const BATCH = 100

export async function sized(of: {
  size: number
  stories: readonly PastStory[]
  queries: readonly Query[]
}): Promise<Sized> {
  const { size, stories, queries } = of
  using index = openIndex()
  const begun = performance.now()
  for (let i = 0; i < size; i += BATCH)
    index.add(Array.from({ length: Math.min(BATCH, size - i) }, (_, n) => copyOf(stories, i + n)))
  const buildSeconds = (performance.now() - begun) / 1_000
  const asked = queries.filter((_, i) => i % Math.ceil(queries.length / QUERIES) === 0)
  for (const query of asked.slice(0, 5)) index.find(query)
  const took = asked.map((query) => {
    const start = performance.now()
    index.find(query)
    return performance.now() - start
  })
  took.sort((a, b) => a - b)
  return {
    stories: size,
    p50Ms: quantile(took, 0.5),
    p95Ms: quantile(took, 0.95),
    indexMb: index.megabytes(),
    buildSeconds,
  }
}

function copyOf(stories: readonly PastStory[], i: number): PastStory {
  const story = stories[i % stories.length] ?? { id: '', seq: 0, title: '', body: '', files: [] }
  const copy = Math.floor(i / stories.length)
  if (copy === 0) return { ...story, id: `${story.id}-${i}` }
  const own = (text: string) =>
    text.replace(/[a-z]{5,}/g, (word, at: number) => (at % 3 === 0 ? `${word}${copy}` : word))
  return {
    ...story,
    id: `${story.id}-${i}`,
    body: own(story.body),
    files: story.files.map((file) => `part${copy}/${file}`),
  }
}

/** Stories and queries as they lie in files, one JSON object a line. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

export const PastStory = z.object({
  id: z.string(),
  /** Their order: a query sees only stories before it. */
  seq: z.number(),
  title: z.string(),
  body: z.string(),
  files: z.array(z.string()),
})
export type PastStory = z.infer<typeof PastStory>

export const Query = z.object({
  seq: z.number(),
  title: z.string(),
  body: z.string(),
  /** Earlier stories, each with how much it would help. */
  rel: z.record(z.string(), z.number()),
  known_files: z.array(z.string()),
})
export type Query = z.infer<typeof Query>

export const readStories = (file: string): PastStory[] => read(file, PastStory)
export const readQueries = (file: string): Query[] => read(file, Query)

const read = <T extends { seq: number }>(file: string, schema: z.ZodType<T>): T[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => schema.parse(JSON.parse(line)))
    .sort((a, b) => a.seq - b.seq)

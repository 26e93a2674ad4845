/** How earlier work and files are ordered: words first, then what the touched files have to say. Every constant is explained; none is fine. */
import { type Graph, HALF_LIFE, type Scores } from './graph.ts'

export type Evidence = {
  /** Entries by their words. */
  text: Scores
  /** Words of the request, each with how much it says. */
  words: ReadonlyMap<string, number>
  graph: Graph
}

export type Ranked = [number: number, score: number][]

/** Halved or doubled one at a time, these moved what the bench measures by a hundredth or two, the weight of the graph by three: docs/memory.md. */

/** What files say counts as much as words. More looks better on overlap of files and is worse at finding the work one means. */
const GRAPH = 1
/** A path that is named counts as much as one that earlier work voted for. */
const NAMED = 1
/** Breaks ties: of two that fit alike the later one, and the file in use, know the code as it is. */
const RECENCY = 0.1
/** What went together with the best files, less than what fits by itself. */
const COMPANY = 0.25
/** The best files that are asked for their company. */
const ASKED_FOR_COMPANY = 5
/** Files that vote back: as many as there are candidates by words, so that a large repository is no slower to ask. */
const FILES = 200
/** The best hits vote for files; further down words fit by chance. */
export const VOTERS = 40

/** Best first. */
export function ranked(evidence: Evidence): { entries: Ranked; files: Ranked } {
  const { graph, words } = evidence
  const text = normalised(evidence.text)
  const named = normalised(graph.named(words))
  const fitting = sum([votesFor(text, graph), 1], [named, NAMED])
  const byFiles = votesBack(new Map(top(fitting, FILES)), graph)
  const recent = (entry: number) => RECENCY * 0.5 ** (graph.ageOf(entry) / HALF_LIFE)
  const entries = new Map(
    [...new Set([...text.keys(), ...byFiles.keys()])].map((entry) => [
      entry,
      (text.get(entry) ?? 0) + GRAPH * (byFiles.get(entry) ?? 0) + recent(entry),
    ]),
  )
  return { entries: inOrder(entries), files: inOrder(filesFor({ entries, named }, graph)) }
}

/** Asked once more, of entries that files have had their say about. */
function filesFor({ entries, named }: { entries: Scores; named: Scores }, graph: Graph): Scores {
  const fitting = sum([votesFor(entries, graph), 1], [named, NAMED])
  const warm = normalised(new Map([...fitting.keys()].map((file) => [file, Math.log1p(graph.warmthOf(file))])))
  const files = normalised(sum([normalised(fitting), 1], [warm, RECENCY]))
  return sum([files, 1], [company(files, graph), COMPANY])
}

/** The best entries vote for their files; one that touched a hundred says little about each. */
function votesFor(entries: Scores, graph: Graph): Scores {
  const votes = new Map<number, number>()
  for (const [entry, score] of top(entries, VOTERS)) {
    const files = graph.filesOf(entry)
    for (const file of files) votes.set(file, (votes.get(file) ?? 0) + score ** 2 / Math.sqrt(files.length))
  }
  return normalised(votes)
}

/** Files vote back for whoever touched them; what everybody touches says nothing. */
function votesBack(files: Scores, graph: Graph): Scores {
  const votes = new Map<number, number>()
  for (const [file, score] of files) {
    const touched = graph.touchedBy(file)
    const idf = Math.log(1 + graph.size() / touched.length)
    for (const entry of touched)
      votes.set(entry, (votes.get(entry) ?? 0) + (score * idf) / Math.sqrt(graph.filesOf(entry).length))
  }
  return normalised(votes)
}

/** How often a file changed together with the best ones, of all times those changed. */
function company(files: Scores, graph: Graph): Scores {
  const votes = new Map<number, number>()
  for (const [file, score] of top(files, ASKED_FOR_COMPANY)) {
    const touched = graph.touchedBy(file)
    for (const entry of touched) {
      const its = graph.filesOf(entry)
      for (const other of its)
        if (other !== file) votes.set(other, (votes.get(other) ?? 0) + score / touched.length / Math.sqrt(its.length))
    }
  }
  return normalised(votes)
}

function sum(...parts: [Scores, weight: number][]): Scores {
  const total = new Map<number, number>()
  for (const [scores, weight] of parts)
    for (const [key, score] of scores) total.set(key, (total.get(key) ?? 0) + weight * score)
  return total
}

/** Best first; of two alike the one added later. */
const inOrder = (scores: Scores): Ranked => [...scores].sort((a, b) => b[1] - a[1] || b[0] - a[0])

export const top = (scores: Scores, n: number): Ranked => inOrder(scores).slice(0, n)

function normalised(scores: Scores): Scores {
  let best = 0
  for (const score of scores.values()) best = Math.max(best, score)
  return best > 0 ? new Map([...scores].map(([key, score]) => [key, score / best])) : new Map()
}

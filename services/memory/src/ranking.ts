/** How hits are ordered: words first, then what the files they touched have to say. Weights as measured on two public repositories. */

/** Numbers of stories and files as the store knows them, with how well each fits. */
export type Scores = ReadonlyMap<number, number>

export type Evidence = {
  /** Stories by their words. */
  text: Scores
  /** Files by the words of their paths. */
  paths: Scores
  /** The files each story touched. */
  filesOf(story: number): readonly number[]
  /** The stories that touched a file. */
  storiesOf(file: number): readonly number[]
  /** All stories there are. */
  stories: number
  /** How many stories shipped since this one. */
  ageOf(story: number): number
}

/** A stronger graph looks better on file overlap and is worse at finding the story one means. */
const GRAPH = 1
const PATH_WORDS = 1
/** Breaks ties: of two stories that fit alike the later one knows the code as it is. */
const RECENCY = 0.1
const RECENCY_HALF_LIFE = 100
/** Hits by words that vote for files. */
const VOTERS = 20

/** Best first. */
export function ranked(evidence: Evidence): [story: number, score: number][] {
  const text = normalised(evidence.text)
  const byFiles = storiesBy(
    sum([normalised(filesBy(text, evidence)), GRAPH], [normalised(evidence.paths), PATH_WORDS]),
    evidence,
  )
  const found = new Set([...text.keys(), ...byFiles.keys()])
  const scoreOf = (story: number): number =>
    (text.get(story) ?? 0) + (byFiles.get(story) ?? 0) + RECENCY * 0.5 ** (evidence.ageOf(story) / RECENCY_HALF_LIFE)
  return [...found]
    .map((story) => [story, scoreOf(story)] as [number, number])
    .sort((a, b) => b[1] - a[1] || b[0] - a[0])
}

/** The best hits vote for their files; one that touched a hundred says little about each. */
function filesBy(text: Scores, { filesOf }: Evidence): Scores {
  const votes = new Map<number, number>()
  for (const [story, score] of top(text, VOTERS)) {
    const files = filesOf(story)
    for (const file of files) votes.set(file, (votes.get(file) ?? 0) + score ** 2 / Math.sqrt(files.length))
  }
  return votes
}

/** Files vote back for whoever touched them; what everybody touches says nothing. */
function storiesBy(files: Scores, { storiesOf, filesOf, stories }: Evidence): Scores {
  const votes = new Map<number, number>()
  for (const [file, score] of files) {
    const touched = storiesOf(file)
    const idf = Math.log(1 + stories / touched.length)
    for (const story of touched)
      votes.set(story, (votes.get(story) ?? 0) + (score * idf) / Math.sqrt(filesOf(story).length))
  }
  return normalised(votes)
}

function sum(...parts: [Scores, weight: number][]): Scores {
  const total = new Map<number, number>()
  for (const [scores, weight] of parts)
    for (const [key, score] of scores) total.set(key, (total.get(key) ?? 0) + weight * score)
  return total
}

const top = (scores: Scores, n: number): [number, number][] => [...scores].sort((a, b) => b[1] - a[1]).slice(0, n)

function normalised(scores: Scores): Scores {
  const best = Math.max(...scores.values(), 0)
  return best > 0 ? new Map([...scores].map(([key, score]) => [key, score / best])) : new Map()
}

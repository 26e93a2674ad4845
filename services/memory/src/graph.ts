/** Which work touched which files, in memory: small, made anew from the index whenever something is forgotten or taken back. */
import { tokensOf } from './tokens.ts'

/** Numbers of entries and files, with how well each fits. */
export type Scores = ReadonlyMap<number, number>

export type Graph = {
  /** How many entries there are. */
  size(): number
  add(entry: number, files: readonly string[]): void
  filesOf(entry: number): readonly number[]
  touchedBy(file: number): readonly number[]
  pathOf(file: number): string
  /** How many entries are newer. */
  ageOf(entry: number): number
  /** How much of its own name each file hears in these words: 1 is all of it. */
  named(words: ReadonlyMap<string, number>): Scores
  /** How often and how lately a file was touched. */
  warmthOf(file: number): number
}

/** In entries: what is this much older counts half. A few months of a busy repository. */
export const HALF_LIFE = 100

/** A word in more of all paths than this names none of them: "src", "ts". Half or double changes little but the time it takes. */
const COMMON = 0.25
/** With fewer paths than this, what is common cannot be told. */
const ENOUGH = 100

/** Entries are added oldest first. */
export function emptyGraph(): Graph {
  const order = new Map<number, number>()
  const touched = new Map<number, number[]>()
  const numbers = new Map<string, number>()
  const files: { path: string; words: string[]; by: number[]; warmth: number; at: number }[] = []
  const saying = new Map<string, number[]>()

  const fileOf = (number: number) => files[number] ?? { path: '', words: [], by: [], warmth: 0, at: 0 }
  const idfOf = (word: string) => Math.log(1 + files.length / (saying.get(word)?.length ?? 1))

  function numberOf(path: string): number {
    const known = numbers.get(path)
    if (known !== undefined) return known
    const number = files.length
    const words = [...new Set(tokensOf(path))]
    files.push({ path, words, by: [], warmth: 0, at: 0 })
    numbers.set(path, number)
    for (const word of words) {
      const others = saying.get(word)
      if (others) others.push(number)
      else saying.set(word, [number])
    }
    return number
  }

  return {
    size: () => order.size,
    add(entry, paths) {
      const now = order.size
      order.set(entry, now)
      const its = [...new Set(paths)].map(numberOf)
      touched.set(entry, its)
      for (const file of its.map(fileOf)) {
        file.by.push(entry)
        file.warmth = file.warmth * 0.5 ** ((now - file.at) / HALF_LIFE) + 1
        file.at = now
      }
    },
    filesOf: (entry) => touched.get(entry) ?? [],
    touchedBy: (file) => fileOf(file).by,
    pathOf: (file) => fileOf(file).path,
    ageOf: (entry) => order.size - 1 - (order.get(entry) ?? 0),
    named(words) {
      const heard = new Map<number, number>()
      for (const [word, weight] of words) {
        const those = saying.get(word) ?? []
        if (those.length > COMMON * Math.max(ENOUGH, files.length)) continue
        const idf = idfOf(word)
        for (const file of those) heard.set(file, (heard.get(file) ?? 0) + weight * idf)
      }
      const whole = (file: number) => fileOf(file).words.reduce((sum, word) => sum + idfOf(word), 0)
      return new Map([...heard].map(([file, score]) => [file, score / whole(file)]))
    },
    warmthOf(number) {
      const { warmth, at } = fileOf(number)
      return warmth * 0.5 ** ((order.size - 1 - at) / HALF_LIFE)
    },
  }
}

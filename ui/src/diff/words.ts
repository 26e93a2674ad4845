/** What changed within a line: the words of either side that the other lacks. */

/** From `start` to before `end`, in characters. */
export type Range = { start: number; end: number }
export type Changed = { old: Range[]; new: Range[] }

/** Longer lines are compared from both ends only. */
const MOST_WORDS = 200
/** Lines that share less than this are another line, not a changed one. */
const LEAST_SHARED = 0.3

export function changedWords(before: string, after: string): Changed | null {
  const [a, b] = [wordsOf(before), wordsOf(after)]
  const head = sharedHead(a, b)
  const tail = sharedHead(a.slice(head).reverse(), b.slice(head).reverse())
  const middle = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)] as const
  const [keptOld, keptNew] = sharedWords(...middle)

  const changed = (all: string[], kept: ReadonlySet<number>) =>
    rangesOf(all, (i) => i >= head && i < all.length - tail && !kept.has(i - head))
  const result = { old: changed(a, keptOld), new: changed(b, keptNew) }
  return isAnother(before, after, result) ? null : result
}

function isAnother(before: string, after: string, { old, new: now }: Changed): boolean {
  const gone = [...old, ...now].reduce((sum, { start, end }) => sum + end - start, 0)
  const all = before.trim().length + after.trim().length
  return gone > 0 && gone > all * (1 - LEAST_SHARED)
}

const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}_]+|\s+|./gu) ?? []

function sharedHead(a: readonly string[], b: readonly string[]): number {
  let n = 0
  while (n < a.length && n < b.length && a[n] === b[n]) n++
  return n
}

/** The places, on either side, of a longest common run of words. */
function sharedWords(a: readonly string[], b: readonly string[]): [Set<number>, Set<number>] {
  const kept = a.length > MOST_WORDS || b.length > MOST_WORDS ? [] : commonOf(a, b, (x, y) => x === y)
  return [new Set(kept.map(([i]) => i)), new Set(kept.map(([, j]) => j))]
}

/** Longest common subsequence, as pairs of places in order. */
export function commonOf<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): [number, number][] {
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => longest[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = same(a[i] as T, b[j] as T) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))

  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (same(a[i] as T, b[j] as T)) pairs.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return pairs
}

function rangesOf(words: readonly string[], isChanged: (i: number) => boolean): Range[] {
  const ranges: Range[] = []
  let start = 0
  for (const [i, word] of words.entries()) {
    const end = start + word.length
    const last = ranges.at(-1)
    if (isChanged(i) && last?.end === start) last.end = end
    else if (isChanged(i)) ranges.push({ start, end })
    start = end
  }
  return ranges
}

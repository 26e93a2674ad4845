/** Words of stories as they are indexed and searched: identifiers whole and in parts, lightly stemmed, without what every commit says. */

/** Letters and digits, joined by what joins parts of one name. A slash parts: a path is a row of names. */
const NAME = /[\p{L}\p{M}\p{N}]+(?:[_$.-]+[\p{L}\p{M}\p{N}]+)*/gu
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{N}+|\p{Lu}/gu
/** Longer is no word: hashes, encoded files. */
const LONGEST = 64

/** In order, repeated as often as they stand there. Only letters and digits: nothing in them means anything to FTS5. */
export function tokensOf(text: string): string[] {
  return [...text.normalize('NFKC').matchAll(NAME)].flatMap(([name]) => tokensOfName(name))
}

function tokensOfName(name: string): string[] {
  const parts = [...name.matchAll(PART)].map(([part]) => part.toLowerCase())
  const words = parts.filter((part) => part.length > 1 && !stopWords.has(part)).map(stem)
  const whole = name.replace(/[_$.-]+/g, '').toLowerCase()
  const all = parts.length > 1 ? [whole, ...words] : words
  return all.filter((token) => token.length <= LONGEST)
}

/** Plural, past and -ing fall together; more would make different words one. */
export function stem(word: string): string {
  if (word.length <= 3) return word
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (/(?:ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2)
  if (/[^su]s$/.test(word) && !word.endsWith('is')) return stem(word.slice(0, -1))
  const root = /^(.*[aeiouy].*?)(?:ing|ed)$/.exec(word)?.[1]
  const bare = root && root.length > 2 ? root.replace(/([^aeiouls])\1$/, '$1') : word
  return bare.length > 3 ? bare.replace(/e$/, '') : bare
}

/** English without meaning, and what any commit or request says of itself. */
const stopWords = new Set(
  `a an and are as at be been but by can could do does for from had has have i if in into is it its me my no not of on or our
  shall she should so than that the their them then there these they this those to up us use used uses using was we were what when
  where which while who will with would you your please want wants need needs
  add added adds change changed changes chore commit docs feat feature fix fixed fixes fixing implement improve make makes misc
  refactor remove removed removes support test tests tweak update updated updates wip`.split(/\s+/),
)

/** A hunk as rows of two sides: what was beside what is, with the words that changed between them. */
import type { Hunk, PatchLine } from '@sluice/proto/patch.ts'
import { type Changed, changedWords, commonOf } from './words.ts'

/** `same`: unchanged, or changed in white space alone where that is not asked for. */
export type Row = { old: PatchLine | null; new: PatchLine | null; same: boolean; words: Changed | null }

/** A block longer than this is not searched for lines that differ in white space alone. */
const MOST_ALIGNED = 400

export function rowsOf(hunk: Pick<Hunk, 'lines'>, { ignoreSpace }: { ignoreSpace: boolean }): Row[] {
  const rows: Row[] = []
  let block: PatchLine[] = []
  const close = () => {
    rows.push(...blockRows(block, ignoreSpace))
    block = []
  }
  for (const line of hunk.lines) {
    if (line.kind === '+' || line.kind === '-') {
      block.push(line)
      continue
    }
    // The note on a missing line break belongs to the line before it, and may stand between the two sides.
    if (line.kind === '\\' && block.length > 0) continue
    close()
    if (line.kind === ' ') rows.push({ old: line, new: line, same: true, words: null })
  }
  close()
  return rows
}

function blockRows(block: readonly PatchLine[], ignoreSpace: boolean): Row[] {
  const removed = block.filter(({ kind }) => kind === '-')
  const added = block.filter(({ kind }) => kind === '+')
  if (!ignoreSpace || removed.length > MOST_ALIGNED || added.length > MOST_ALIGNED) return paired(removed, added)

  const rows: Row[] = []
  let [i, j] = [0, 0]
  for (const [a, b] of commonOf(removed, added, (x, y) => bare(x) === bare(y))) {
    rows.push(...paired(removed.slice(i, a), added.slice(j, b)))
    rows.push({ old: removed[a] ?? null, new: added[b] ?? null, same: true, words: null })
    ;[i, j] = [a + 1, b + 1]
  }
  return [...rows, ...paired(removed.slice(i), added.slice(j))]
}

const bare = ({ text }: PatchLine): string => text.replace(/\s+/g, '')

function paired(removed: readonly PatchLine[], added: readonly PatchLine[]): Row[] {
  return Array.from({ length: Math.max(removed.length, added.length) }, (_, i) => {
    const [old = null, now = null] = [removed[i], added[i]]
    return { old, new: now, same: false, words: old && now ? changedWords(old.text, now.text) : null }
  })
}

/** One column: of neighbouring changed rows all that went, then all that came. */
export function inOneColumn(rows: readonly Row[]): Row[] {
  const flat: Row[] = []
  let came: Row[] = []
  for (const row of rows) {
    if (row.same) {
      flat.push(...came, row)
      came = []
      continue
    }
    if (row.old) flat.push({ ...row, new: null })
    if (row.new) came.push({ ...row, old: null })
  }
  return [...flat, ...came]
}

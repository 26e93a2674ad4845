/** The few sums a bench does with what it measured. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]]
  return (low + high) / 2
}

/** Three digits that count: 0.00412, 1.23, 1234. */
export const rounded = (value: number): number => (value >= 1000 ? Math.round(value) : Number(value.toPrecision(3)))

/** `rounded` at every depth, so that an outcome can be read. */
export function roundedAll<T>(value: T): T {
  if (typeof value === 'number') return rounded(value) as T
  if (Array.isArray(value)) return value.map(roundedAll) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, roundedAll(item)])) as T
}

/** Columns of text, right-aligned but for the first. */
export function columns(rows: readonly (readonly (string | number)[])[]): string[] {
  const texts = rows.map((row) => row.map(String))
  const widths = texts.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), [])
  return texts.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

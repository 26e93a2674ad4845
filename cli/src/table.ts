/** Aligned columns that fit the screen: the widest one that may gives way. */
import { clip, paint, screenWidth, widthOf } from './terminal.ts'

export type TableOptions = {
  head?: readonly string[]
  /** Columns of numbers. */
  right?: readonly number[]
  /** The column that is cut when the screen is too narrow; the last unless said otherwise. */
  flexible?: number
  width?: number
}

const GAP = '  '
const NARROWEST = 8

/** One line for each row. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const { head, right = [], width = screenWidth() } = options
  const all = head ? [head, ...rows] : rows
  const columns = Math.max(0, ...all.map((row) => row.length))
  const flexible = options.flexible ?? columns - 1
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ''))))
  const tooMuch = widths.reduce((sum, w) => sum + w, 0) + GAP.length * (columns - 1) - width
  if (tooMuch > 0) widths[flexible] = Math.max(NARROWEST, (widths[flexible] ?? 0) - tooMuch)

  const line = (row: readonly string[]): string =>
    widths
      .map((w, i) => pad(row[i] ?? '', w, right.includes(i)))
      .join(GAP)
      .trimEnd()
  return all.map((row, i) => (head && i === 0 ? paint('bold', line(row)) : line(row)))
}

function pad(text: string, width: number, right: boolean): string {
  const fitting = widthOf(text) > width ? clip(text, width) : text
  const space = ' '.repeat(Math.max(0, width - widthOf(fitting)))
  return right ? space + fitting : fitting + space
}

/** What is printed and how: plain text for pipes, colour for a person's terminal, no control characters from anybody else. */
import { stripVTControlCharacters, styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR

export const paint = (style: Style, text: string): string =>
  coloured ? styleText(style, text, { validateStream: false }) : text

/** Columns of the terminal; without one nothing is cut. */
export const screenWidth = (): number =>
  process.stdout.columns || Number(process.env.COLUMNS) || Number.POSITIVE_INFINITY

/** Prints, and is the exit code of a command that has said what it had to. */
export function print(text: string): 0 {
  process.stdout.write(`${text}\n`)
  return 0
}

export const printJson = (value: unknown): 0 => print(JSON.stringify(value, null, 2))

/** Beside what the command prints: stdout stays what a program may read. */
export const say = (text: string): boolean => process.stderr.write(`${text}\n`)

// Agents write titles, claims and documents: what could move the cursor, hide or reorder text is taken out of them.
const CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** One line that shows as it reads. */
export const plain = (text: string): string =>
  stripVTControlCharacters(text).replace(/\s+/g, ' ').replace(CONTROL, '').trim()

/** As `plain`, with its lines. */
export const plainLines = (text: string): string =>
  stripVTControlCharacters(text)
    .split(/\r?\n/)
    .map((line) => line.replaceAll('\t', '  ').replace(CONTROL, '').trimEnd())
    .join('\n')

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60])/u

/** Columns that a text takes. */
export const widthOf = (text: string): number =>
  [...graphemes.segment(stripVTControlCharacters(text))].reduce(
    (sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1),
    0,
  )

/** The text, or what of it fits with a mark that some is missing. Colour codes are not looked through: cut first, paint then. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment)
    if (used > width - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

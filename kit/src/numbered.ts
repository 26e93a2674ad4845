/** Text with the number of each line before it, so that whoever reads it can name a line without counting. */

export const numbered = (lines: readonly string[], from = 1): string =>
  lines.map((line, i) => `${String(from + i).padStart(6)}\t${line}`).join('\n')

/** A text's lines; the last break ends the last line and begins none. */
export const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** Which lines a unified diff adds. */

/** Line numbers in the new file, 1-based, by its path. */
export function addedLines(diff: string): Map<string, Set<number>> {
  const added = new Map<string, Set<number>>()
  let lines = new Set<number>()
  let at = 0
  // What is left of the hunk, so that an added line beginning with `++ ` is not taken for a header.
  let left = 0
  for (const line of diff.split('\n')) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line)
    const file = left <= 0 ? /^\+\+\+ (?:b\/)?(.+?)\t?$/.exec(line)?.[1] : undefined
    if (hunk) {
      at = Number(hunk[1])
      left = Number(hunk[2] ?? 1)
    } else if (file) {
      lines = new Set()
      if (file !== '/dev/null') added.set(file, lines)
    } else if (left > 0 && /^[+ ]|^$/.test(line)) {
      if (line.startsWith('+')) lines.add(at)
      at += 1
      left -= 1
    }
  }
  return added
}

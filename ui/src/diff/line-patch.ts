/** Two texts as a patch of one file: what changed between two versions of a document. */
import type { Hunk, PatchFile, PatchLine } from '@sluice/proto/patch.ts'
import { commonOf } from './words.ts'

const CONTEXT = 3

/** Null when they are the same. */
export function patchBetween(path: string, before: string, after: string): PatchFile | null {
  const all = linesBetween(before.split('\n'), after.split('\n'))
  const changed = all.flatMap(({ kind }, i) => (kind === ' ' ? [] : [i]))
  if (changed.length === 0) return null
  const spans: [number, number][] = []
  for (const i of changed) {
    const last = spans.at(-1)
    if (last && i - CONTEXT <= last[1] + 1) last[1] = Math.min(all.length - 1, i + CONTEXT)
    else spans.push([Math.max(0, i - CONTEXT), Math.min(all.length - 1, i + CONTEXT)])
  }
  return { path, header: [], binary: [], hunks: spans.map(([from, to]) => hunkOf(all.slice(from, to + 1))) }
}

function linesBetween(a: readonly string[], b: readonly string[]): PatchLine[] {
  const lines: PatchLine[] = []
  let [i, j] = [0, 0]
  const go = (toOld: number, toNew: number) => {
    for (; i < toOld; i++) lines.push({ kind: '-', text: a[i] ?? '', old: i + 1 })
    for (; j < toNew; j++) lines.push({ kind: '+', text: b[j] ?? '', new: j + 1 })
  }
  for (const [x, y] of commonOf(a, b, (one, other) => one === other)) {
    go(x, y)
    lines.push({ kind: ' ', text: a[x] ?? '', old: ++i, new: ++j })
  }
  go(a.length, b.length)
  return lines
}

function hunkOf(lines: PatchLine[]): Hunk {
  const olds = lines.filter(({ kind }) => kind !== '+')
  const news = lines.filter(({ kind }) => kind !== '-')
  return {
    ...{ oldStart: olds[0]?.old ?? 0, oldLines: olds.length, newStart: news[0]?.new ?? 0, newLines: news.length },
    ...{ section: '', lines },
  }
}

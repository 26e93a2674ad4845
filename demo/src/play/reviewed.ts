/** What a reviewer's request holds: the diff, the touched files on both sides, what was found before. */
import { unnumbered } from '@sluice/kit/numbered.ts'
import { unsealed } from '@sluice/kit/sealed.ts'
import { type Hunk, parsePatch } from '@sluice/proto/patch.ts'
import type { TouchedFile } from '../vulnerabilities.ts'
import type { Asked } from './asked.ts'

export type Reviewed = { diff: string; files: TouchedFile[]; earlier: EarlierFinding[] }
export type EarlierFinding = { id: string; path: string; severity: string; text: string }

/** The request does not say of an earlier finding whether it blocks; low and info never do. */
export const blocks = ({ severity }: EarlierFinding): boolean => severity === 'high' || severity === 'medium'

/** Nothing if there is no diff to judge. */
export function reviewedIn({ prompt }: Asked): Reviewed | undefined {
  const diff = unsealed('diff', prompt)[0]?.content
  if (diff === undefined) return undefined
  const patches = parsePatch(diff)
  const files = unsealed('file', prompt)
    .filter(({ attributes }) => attributes.side === 'head')
    .map(({ attributes: { path = '' }, content }) => {
      const head = unnumbered(content)
      const patch = patches.find((file) => file.path === path)
      const isNew = !patch || patch.header.some((line) => line.startsWith('new file mode'))
      return { path, head, ...(!isNew && { base: before(head, patch.hunks) }) }
    })
  return { diff, files, earlier: earlierIn(prompt) }
}

/** The file as it was: its hunks taken back. */
function before(head: string, hunks: readonly Hunk[]): string {
  const lines = head.split('\n')
  const old: string[] = []
  let at = 0
  for (const { newStart, newLines, lines: changed } of hunks) {
    // A hunk that only takes away stands after the line it names.
    const start = newLines === 0 ? newStart : newStart - 1
    old.push(...lines.slice(at, start))
    old.push(...changed.filter(({ kind }) => kind === ' ' || kind === '-').map(({ text }) => text))
    at = start + newLines
  }
  return [...old, ...lines.slice(at)].join('\n')
}

const earlierIn = (prompt: string): EarlierFinding[] =>
  unsealed('earlier-finding', prompt).map(({ attributes, content }) => ({
    id: attributes.id ?? '',
    path: attributes.path ?? '',
    severity: attributes.severity ?? '',
    text: content,
  }))

/** What a reviewer's request holds: the diff, the touched files on both sides, what was found before. */
import { unsealed } from '@sluice/kit/sealed.ts'
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
  const sides = unsealed('file', prompt).map(({ attributes, content }) => ({ ...attributes, content }) as Side)
  const base = new Map(sides.filter(({ side }) => side === 'base').map((file) => [file.path, file.content]))
  const files = sides
    .filter(({ side }) => side === 'head')
    .map(({ path, content }) => {
      const before = base.get(path)
      return { path, head: content, ...(before !== undefined && { base: before }) }
    })
  return { diff, files, earlier: earlierIn(prompt) }
}

type Side = { path: string; side: 'base' | 'head'; content: string }

const earlierIn = (prompt: string): EarlierFinding[] =>
  unsealed('earlier-finding', prompt).map(({ attributes, content }) => ({
    id: attributes.id ?? '',
    path: attributes.path ?? '',
    severity: attributes.severity ?? '',
    text: content,
  }))

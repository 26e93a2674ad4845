/** One way in which a change touched what judges it, and the finding it is. */

import { findingId } from '@sluice/kit/finding-id.ts'
import type { TouchedFile } from '@sluice/kit/story-change.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import { checksSeat as seat } from '@sluice/proto/pipeline.ts'

/** A touched file with its text on both sides. */
export type Sides = { file: TouchedFile; base: string | null; head: string | null }
/** `detail` says exactly what was done: it stands in the evidence, and makes the finding's name. */
export type Touch = {
  kind: string
  file: TouchedFile
  claim: string
  detail: string
  line?: number
  severity: 'high' | 'medium'
}

/** The same touch of the same file is the same finding on whatever base: dismissed once, it stays dismissed when the story lands. */
export function findingOf({ kind, file, claim, detail, line, severity }: Touch, storyId: string): Finding {
  return {
    id: findingId(seat, storyId, kind, file.path, detail),
    seat,
    severity,
    blocking: true,
    personOnly: true,
    path: file.path,
    ...(line === undefined ? {} : { startLine: line, endLine: line }),
    claim,
    evidence: clipped(detail),
  }
}

const MOST_EVIDENCE_LINES = 40

function clipped(detail: string): string {
  const lines = detail.split('\n')
  const more = lines.length - MOST_EVIDENCE_LINES
  return more > 0 ? `${lines.slice(0, MOST_EVIDENCE_LINES).join('\n')}\n(${more} more lines)` : detail
}

/** Removed and added lines, without what stands around them: that may differ from base to base. */
export const changedLines = ({ hunks, status }: TouchedFile): string =>
  hunks
    .flatMap((hunk) => hunk.lines)
    .flatMap(({ kind, text }) => (kind === '+' || kind === '-' ? [`${kind}${text}`] : []))
    .join('\n') || `(${status})`

/** What no reviewer could see for its size: the host's own finding, so that nothing passes unseen. */

import { findingId } from '@sluice/kit/finding-id.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import type { Material } from './material.ts'

type Own = { findings: Finding[]; earlier: { findingId: string; resolved: boolean; note: string }[] }

/** `earlier` are open findings of the seat; those a person alone may dismiss are the host's, and it answers them. */
export function tooLarge(
  { unseen }: Pick<Material, 'unseen'>,
  { seat, request, earlier }: { seat: string; request: string; earlier: readonly Finding[] },
): Own {
  const mine = earlier.filter((finding) => finding.personOnly)
  const resolved = unseen.length === 0
  const note = resolved ? 'Everything has room now.' : 'There is still more than a reviewer can be shown.'
  return {
    findings: resolved ? [] : mine.length > 0 ? mine : [findingOf(unseen, { seat, request })],
    earlier: mine.map(({ id }) => ({ findingId: id, resolved, note })),
  }
}

const findingOf = (unseen: string[], { seat, request }: { seat: string; request: string }): Finding => ({
  id: findingId(seat, request, 'too large'),
  seat,
  severity: 'high',
  blocking: true,
  personOnly: true,
  ...(unseen.length === 1 && unseen[0] !== undefined ? { path: unseen[0] } : {}),
  claim: `This change is too large to review: ${unseen.join(', ')}.`,
  evidence: 'The hunks of these files were not shown to the reviewer.',
  suggestion: 'Read them yourself, or ask for the story in smaller parts.',
})

/** The documents that the host writes into a story's branch: not what there is to judge in a change. */
import type { PatchFile } from '@sluice/proto/patch.ts'

export const isDocument = (path: string, storyId: string): boolean =>
  path.startsWith(`.sluice/stories/${storyId}/`) || path === `.changes/${storyId}.md`

/** The project's own files first. */
export const documentsLast = (files: readonly PatchFile[], storyId: string): PatchFile[] =>
  files.toSorted((a, b) => Number(isDocument(a.path, storyId)) - Number(isDocument(b.path, storyId)))

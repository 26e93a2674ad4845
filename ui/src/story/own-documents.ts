/** The documents that the host writes into a story's branch: not what there is to judge in a change. */

export const isDocument = (path: string, storyId: string): boolean =>
  path.startsWith(`.sluice/stories/${storyId}/`) || path === `.changes/${storyId}.md`

/** Where the worktree of a story lies. */
import { join } from 'node:path'

export const worktreePlace = (dataDir: string, { projectId, id }: { projectId: string; id: string }): string =>
  join(dataDir, 'worktrees', projectId, id)

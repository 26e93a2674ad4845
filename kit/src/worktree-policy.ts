/** How long worktrees of ended stories stay, and how much of what git ignores is archived when they go. */
import { z } from 'zod'

export const WorktreePolicy = z.object({
  /** Long enough to look at what was just shipped. */
  keepDays: z.number().min(0).max(3_650).default(1),
  archiveMb: z.number().min(0).default(200),
})
export type WorktreePolicy = z.infer<typeof WorktreePolicy>

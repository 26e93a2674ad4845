/** The stage a story is in, for boards. */
import type { Stage } from '../pipeline.ts'
import type { Story } from '../story.ts'

/** The stage a story is in, for boards. */
export function stageOf(story: Story): Stage | 'shipped' | 'cancelled' {
  if (story.status !== 'running') return story.status
  const { design, architecture, build, rebase, land } = story.steps
  if ([rebase, land].some((s) => s.at !== 'idle') && build.at === 'done' && story.approvals.review) return 'release'
  if (build.at === 'done') return 'review'
  if (build.at !== 'idle') return 'implementation'
  if (architecture.at !== 'idle') return 'architecture'
  return design.at !== 'idle' ? 'design' : 'scope'
}

/** What lies on the disk of a house, kind by kind; what may go comes first. */
import { artifacts } from './artifact-candidates.ts'
import { attached } from './attached-candidates.ts'
import type { Candidate, Looking, Wish } from './candidate.ts'
import { journals, runs } from './run-candidates.ts'
import { answers, compiled, dependencies, refs } from './spare-candidates.ts'
import { worktrees } from './worktree-candidates.ts'

export async function candidates(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const kinds = [worktrees, journals, runs, artifacts, attached, dependencies, answers, refs, compiled]
  const found: Candidate[] = []
  for (const kind of kinds) found.push(...(await kind(looking, wish)))
  return found.sort((a, b) => Number(b.goes) - Number(a.goes) || b.bytes - a.bytes)
}

/** What judges a change and was touched by it: its configuration, its scripts, its tests. Only a person may let that pass. */
import type { Repository } from '@sluice/kit/repository.ts'
import type { TouchedFile } from '@sluice/kit/story-change.ts'
import type { Finding, Judged, ProjectConfig } from '@sluice/proto/parts.ts'
import { contentsOf } from './contents.ts'
import { findingOf, type Sides } from './touch.ts'
import { configTouched, scriptsTouched } from './touched-config.ts'
import { newlySkipped, testsGone } from './touched-tests.ts'

type Job = {
  storyId: string
  judged: Pick<Judged, 'base' | 'commit'>
  touched: TouchedFile[]
  config: Pick<ProjectConfig, 'setup' | 'checks'>
}

export async function touchedJudges(
  repository: Repository,
  { storyId, judged, touched, config }: Job,
): Promise<Finding[]> {
  const commands = [...(config.setup ? [config.setup] : []), ...config.checks.map((check) => check.command)]
  const all = await sidesOf(repository, judged, touched)
  const touches = [
    ...all.flatMap((sides) => [...configTouched(sides), ...scriptsTouched(sides, commands)]),
    ...testsGone(all),
    ...newlySkipped(touched),
  ]
  return touches.map((touch) => findingOf(touch, storyId))
}

async function sidesOf(repository: Repository, judged: Job['judged'], touched: TouchedFile[]): Promise<Sides[]> {
  const [base, head] = await Promise.all([
    contentsOf(
      repository,
      judged.base,
      touched.map(({ path, oldPath = path }) => oldPath),
    ),
    contentsOf(
      repository,
      judged.commit,
      touched.map(({ path }) => path),
    ),
  ])
  return touched.map((file) => ({
    file,
    base: base.get(file.oldPath ?? file.path)?.toString() ?? null,
    head: head.get(file.path)?.toString() ?? null,
  }))
}

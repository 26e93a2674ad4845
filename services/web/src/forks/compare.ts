/** Two stories side by side: what they became, what it took, and what differs from the one to the other. */
import { listCheckpoints } from '@sluice/kit/checkpoints.ts'
import { diffOf, treeOf } from '@sluice/kit/diff.ts'
import type { Repository } from '@sluice/kit/repository.ts'
import { readRuns, type StoryRun } from '@sluice/kit/runs.ts'
import { chosenText, titleOf } from '@sluice/proto/card.ts'
import type { Finding, Occupant } from '@sluice/proto/parts.ts'
import type { Compared, Comparison } from '@sluice/proto/rest.ts'
import { verdicts } from '@sluice/proto/story/review.ts'
import { stageOf } from '@sluice/proto/story/stage.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { Web } from '../app.ts'
import { openProject } from './checkpoints.ts'
import { foldOf } from './fork.ts'

export async function compare(
  web: Pick<Web, 'own' | 'env' | 'bus' | 'store'>,
  ids: [string, string],
): Promise<Comparison> {
  const repository = await openProject(web)
  // A story that has ended has its runs in an artifact.
  const runs = { bus: web.bus, artifacts: web.store }
  const sideOf = async (id: string) => side(repository, await foldOf(web, id), await readRuns(runs, id))
  const [one, other] = await Promise.all([sideOf(ids[0]), sideOf(ids[1])])
  const { files, patch } = await diffOf(repository, one.commit, other.commit)
  const changed = files.filter(isWork).map(({ path, additions, deletions }) => ({ path, additions, deletions }))
  return { one, other, files: changed, patch: workIn(patch) }
}

/** Each story's own documents lie under its own name: of them every two differ, and it says nothing. */
const isWork = ({ path }: { path: string }): boolean =>
  !path.startsWith('.sluice/stories/') && !path.startsWith('.changes/')

const workIn = (patch: string): string =>
  patch
    .split(/^(?=diff --git )/m)
    .filter((file) => !/^diff --git "?a\/(\.sluice\/stories|\.changes)\//.test(file))
    .join('')

async function side(repository: Repository, story: Story, runs: readonly StoryRun[]): Promise<Compared> {
  const { submitted, steps, usage, builds, findings, updated } = story
  const commit = await commitOf(repository, story)
  const base = steps.build.at === 'done' ? steps.build.result.judged.base : submitted.repository.commit
  const files = (await diffOf(repository, base, commit)).files.filter(isWork)
  const sum = (of: 'additions' | 'deletions') => files.reduce((all, file) => all + file[of], 0)
  return {
    ...{ id: story.id, title: titleOf(story), stage: stageOf(story), parent: submitted.parent?.storyId ?? null },
    ...{ chosen: chosenText(submitted.choices), occupants: occupantsOf(story) },
    ...{ commit, tree: await treeOf(repository, commit) },
    ...{ files: files.length, additions: sum('additions'), deletions: sum('deletions') },
    ...{ usage, rounds: builds, turns: turnsIn(runs), findings: bySeverity(findings) },
    seconds: (Date.parse(updated) - Date.parse(submitted.at)) / 1_000,
    checks: verdicts(story).flatMap(({ checks = [] }) =>
      checks.map(({ name, exitCode }) => ({ name, passed: exitCode === 0 })),
    ),
    pictures: steps.design.at === 'done' ? steps.design.result.bundle.pictures : [],
  }
}

async function commitOf(repository: Repository, { id, steps, submitted }: Story): Promise<string> {
  const last = (await listCheckpoints(repository, id)).at(-1)
  if (steps.build.at === 'done') return steps.build.result.judged.commit
  return last?.commit ?? submitted.repository.commit
}

/** Messages of the model while it built. */
const turnsIn = (runs: readonly StoryRun[]): number =>
  runs
    .filter(({ source }) => source === 'implementer')
    .flatMap(({ entries }) => entries)
    .filter(({ kind }) => kind === 'assistant').length

function bySeverity(findings: readonly Finding[]): Compared['findings'] {
  const count = (severity: Finding['severity']) => findings.filter((f) => f.severity === severity).length
  return { high: count('high'), medium: count('medium'), low: count('low'), info: count('info') }
}

/** Who has worked, role by role. */
function occupantsOf(story: Story): Record<string, string> {
  return Object.fromEntries(
    stepsOf(story).flatMap(({ role, step }) => {
      const occupant = step.at === 'done' ? (step.result as { occupant?: Occupant }).occupant : undefined
      return occupant
        ? [[role, [occupant.engine, occupant.scripted ?? occupant.model].filter(Boolean).join(' ') || occupant.program]]
        : []
    }),
  )
}

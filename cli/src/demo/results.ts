/** How each of the demo's stories ended: for a program as one object, for a person as a table. */
import { titleOf } from '@sluice/proto/card.ts'
import type { Usage } from '@sluice/proto/parts.ts'
import { pipeline, type Stage } from '@sluice/proto/pipeline.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { Followed } from '../follow.ts'
import { needsOf } from '../next.ts'
import { table } from '../table.ts'
import { plain } from '../terminal.ts'
import { short, tokensOf } from '../units.ts'

/** One story in what `--json` prints. */
export type StoryResult = {
  id: string
  title: string
  status: 'shipped' | 'cancelled' | 'waiting' | 'running'
  /** On the main branch; null until it has shipped. */
  commit: string | null
  seconds: number
  rounds: number
  usage: Omit<Usage, 'costUsd'>
}

/** What `--json` prints, and nothing else. */
export type DemoResult = { ok: boolean; stories: StoryResult[]; events: number }

export function resultOf({ story }: Followed): StoryResult {
  const { costUsd: _, ...usage } = story.usage
  return {
    id: story.id,
    title: titleOf(story),
    status: statusOf(story),
    commit: story.shipped?.commit ?? null,
    seconds: Math.round((Date.parse(story.updated) - Date.parse(story.submitted.at)) / 100) / 10,
    rounds: story.builds,
    usage,
  }
}

function statusOf(story: Story): StoryResult['status'] {
  if (story.status !== 'running') return story.status
  return needsOf(story).length > 0 ? 'waiting' : 'running'
}

/** `commits`: how many each story brought to the main branch. */
export function resultTable(followed: readonly Followed[], commits: ReadonlyMap<string, number>): string[] {
  const rows = followed.map((one) => {
    const { id, title, status, commit, seconds, rounds, usage } = resultOf(one)
    const tokens = short(tokensOf({ ...usage, costUsd: 0 }))
    const result = commit ? `${status} ${commit.slice(0, 12)}` : status
    return [plain(title), stages(one), String(rounds), seconds.toFixed(1), tokens, String(commits.get(id) ?? 0), result]
  })
  const head = ['STORY', 'STAGES', 'ROUNDS', 'SECONDS', 'TOKENS', 'COMMITS', 'RESULT']
  return table(rows, { head, right: [2, 3, 4, 5], flexible: 0 })
}

/** `scope 2 · design 4 …`: the seconds until each stage was left. */
function stages({ events }: Followed): string {
  let since = Date.parse(events[0]?.event.time ?? '')
  return pipeline
    .flatMap(({ stage }) => {
      const left = events.findLast(({ event }) => leaves(stage, event))
      if (!left) return []
      const at = Date.parse(left.event.time)
      const seconds = Math.max(0, Math.round((at - since) / 1000))
      since = Math.max(since, at)
      return [`${stage} ${seconds}`]
    })
    .join(' · ')
}

function leaves(stage: Stage, event: Followed['events'][number]['event']): boolean {
  if (stage === 'implementation') return event.type === 'build.completed'
  if (stage === 'release') return event.type === 'story.shipped'
  return event.type === 'gate.approved' && event.data.gate === stage
}

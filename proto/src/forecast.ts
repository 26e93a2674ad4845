/** What a story is likely to cost, from what stories of its project have cost. Pure. */
import type { Usage } from './parts.ts'
import { pipeline, type Stage, stageOfRole } from './pipeline.ts'
import type { Forecast } from './rest.ts'
import { stageOf } from './story/stage.ts'
import type { Story } from './story.ts'

/** Fewer say nothing: half of three is chance. */
export const LEAST_STORIES = 5

/** Dollars of one shipped story, by stage. */
export type StoryCosts = Partial<Record<Stage, number>>

export function forecastOf(stories: readonly StoryCosts[]): Forecast {
  const spread = (costs: number[]) => ({ median: rank(costs, 0.5), most: rank(costs, 0.9) })
  const totals = stories.map((costs) => Object.values(costs).reduce((sum, usd) => sum + usd, 0))
  const isEnough = stories.length >= LEAST_STORIES
  return {
    stories: stories.length,
    least: LEAST_STORIES,
    total: isEnough ? spread(totals) : null,
    stages: isEnough
      ? pipeline.map(({ stage }) => ({ stage, ...spread(stories.map((costs) => costs[stage] ?? 0)) }))
      : [],
  }
}

/** Nearest rank (the smallest that so many of them do not exceed): a cost that somebody really paid. */
function rank(costs: number[], share: number): number {
  const sorted = costs.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** What it has cost, and what its stages to come usually cost; null where too little is known. */
export function likelyUsd(
  forecast: Forecast,
  story: Pick<Story, 'usageBy' | 'usage'> & Parameters<typeof stageOf>[0],
): number | null {
  if (!forecast.total) return null
  const at = pipeline.findIndex(({ stage }) => stage === stageOf(story))
  if (at === -1) return story.usage.costUsd
  const spent = costsByStage(story.usageBy)
  return forecast.stages.reduce((sum, { stage, median }, i) => {
    const soFar = spent[stage as Stage] ?? 0
    return sum + (i < at ? soFar : Math.max(soFar, median))
  }, 0)
}

export function costsByStage(usageBy: Readonly<Record<string, Usage>>): StoryCosts {
  const costs: StoryCosts = {}
  for (const [role, { costUsd }] of Object.entries(usageBy)) {
    const stage = stageOfRole(role)
    costs[stage] = (costs[stage] ?? 0) + costUsd
  }
  return costs
}

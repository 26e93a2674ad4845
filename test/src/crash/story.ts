/** One story played to its end through REST, and the facts it leaves: what a crash must not change. */
import { randomUUID } from 'node:crypto'
import { sha256 } from '@sluice/kit/artifacts.ts'
import type { Event } from '@sluice/proto/events.ts'
import type { StoryEvents } from '@sluice/proto/rest.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import type { CrashHouse } from './house.ts'

export type Facts = {
  tree: string
  /** Commits the base branch gained, and merges the log tells of. */
  landed: number
  merges: number
  worktrees: number
  /** Commits on the story's branch. */
  commits: number
  modelCalls: number
  builds: number
}

export type Played = { id: string; events: Event[]; facts: Facts; seconds: number }

const PATIENCE_MS = 120_000

/** Submits the tiny story and approves each gate as it opens, until it has shipped. */
export async function playStory(world: CrashHouse): Promise<Played> {
  const began = performance.now()
  const callsBefore = world.api.requests.length
  world.reset()
  const key = randomUUID()
  const { id } = await world.rest<{ id: string }>('POST', '/api/stories', { text: world.text }, key)

  let story: Story | null = null
  let events: Event[] = []
  while (story?.status !== 'shipped') {
    if (performance.now() - began > PATIENCE_MS)
      throw new Error(`Not shipped in ${PATIENCE_MS / 1000} s: ${standing(story)}`)
    const log = await world.rest<StoryEvents | null>('GET', `/api/stories/${id}/events`)
    events = (log?.events ?? []).map(({ event }) => event as Event)
    story = events.reduce<Story | null>(evolve, null)
    const gate = story?.gate
    if (gate)
      await world.rest(
        'POST',
        `/api/stories/${id}/approve`,
        { gate: gate.gate, digest: gate.digest },
        `${key}-${gate.event}`,
      )
    const failed = story && Object.values({ ...story.steps, ...story.seats }).find((s) => s.at === 'failed')
    if (failed) throw new Error(`Failed: ${failed.reason}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { id, events, facts: factsOf(world, { id, events, callsBefore }), seconds: (performance.now() - began) / 1000 }
}

function factsOf({ git, start, api }: CrashHouse, played: { id: string; events: Event[]; callsBefore: number }): Facts {
  const { id, events, callsBefore } = played
  const counted = new Set(events.filter((e) => e.type === 'merge.completed').map((e) => e.id))
  return {
    // Documents lie under the story's own name: two stories that leave the same leave it under two.
    tree: sha256(git('ls-tree', '-r', 'main').replaceAll(id, '<story>')),
    landed: Number(git('rev-list', '--count', `${start}..main`)),
    merges: counted.size,
    worktrees: git('worktree', 'list')
      .split('\n')
      .filter((line) => line.includes(`[sluice/${id}]`)).length,
    commits: Number(git('rev-list', '--count', `${start}..sluice/${id}`)),
    modelCalls: api.requests.length - callsBefore,
    builds: new Set(events.filter((e) => e.type === 'build.requested').map((e) => e.id)).size,
  }
}

function standing(story: Story | null): string {
  if (!story) return 'never submitted'
  const steps = Object.entries({ ...story.steps, ...story.seats }).filter(([, s]) => s.at !== 'idle' && s.at !== 'done')
  return (
    steps.map(([name, s]) => `${name} ${s.at}`).join(', ') || (story.gate ? `gate ${story.gate.gate}` : 'nothing owed')
  )
}

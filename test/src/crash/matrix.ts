/** The crash matrix: for every event of a story its publisher killed before and after, every taker put to sleep. */
import { setTimeout as after } from 'node:timers/promises'
import type { Event } from '@sluice/proto/events.ts'
import { ACK_WAIT_MS, type CrashHouse } from './house.ts'
import type { Passing } from './proxy.ts'
import { randomFrom } from './seeded.ts'
import { type Facts, type Played, playStory } from './story.ts'

export type Mode = 'killed before' | 'killed after' | 'asleep'
/** The nth event of its type and source; `service` is killed, or sleeps through its delivery. */
export type Case = { type: string; source: string; nth: number; mode: Mode; service: string }
export type Outcome = Case & { ok: boolean; problem: string; seconds: number }

/** Every case that the events of an undisturbed story give. */
export function casesOf(events: readonly Event[]): Case[] {
  const counts = new Map<string, number>()
  return events.flatMap((event) => {
    const { type, source } = event
    const nth = (counts.get(`${type} ${source}`) ?? 0) + 1
    counts.set(`${type} ${source}`, nth)
    const kills = (['killed before', 'killed after'] as const).map((mode) => ({
      type,
      source,
      nth,
      mode,
      service: source,
    }))
    return [...kills, ...takersOf(event).map((service) => ({ type, source, nth, mode: 'asleep' as const, service }))]
  })
}

function takersOf(event: Event): string[] {
  const takers: Record<string, string> = {
    scope: 'analyst',
    design: 'designer',
    architecture: 'architect',
    build: 'implementer',
    release: 'releaser',
  }
  if (event.type === 'review.requested') return event.data.seats
  return event.type.endsWith('.requested') ? [takers[event.type.split('.')[0] ?? ''] ?? ''] : []
}

/** Plays a story with one thing broken, and compares what it leaves with the undisturbed one. */
export async function runCase(world: CrashHouse, wanted: Case, undisturbed: Facts): Promise<Outcome> {
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  try {
    // Somebody else is there to take over while one sleeps.
    if (wanted.mode === 'asleep') await world.house.scale(wanted.service, 2)
    const done = arm(world, wanted)
    const played = await playStory(world)
    const problem = done() ? differences(played, undisturbed) : 'The moment never came.'
    return { ...wanted, ok: problem === '', problem, seconds: seconds() }
  } catch (error) {
    return { ...wanted, ok: false, problem: error instanceof Error ? error.message : String(error), seconds: seconds() }
  } finally {
    world.watch(() => 'pass')
    if (wanted.mode === 'asleep') await world.house.scale(wanted.service, 1)
  }
}

/** Waits for the moment and breaks the process there, once; returns whether it came. */
function arm(world: CrashHouse, wanted: Case): () => boolean {
  let seen = 0
  let answer: string | null = null
  let broken = false
  const suffix = `.${wanted.type}.${wanted.source}`

  world.watch((service, passing: Passing) => {
    if (broken || service !== wanted.service) return 'pass'
    if (wanted.mode === 'asleep') {
      if (passing.direction !== 'in' || !passing.subject.endsWith(suffix) || ++seen < wanted.nth) return 'pass'
      broken = true
      void sleepThrough(world.pid(service))
      return 'pass'
    }
    if (answer !== null && passing.direction === 'in' && passing.subject === answer) {
      broken = true
      process.kill(world.pid(service), 'SIGKILL')
      return 'drop'
    }
    if (passing.direction !== 'out' || !passing.subject.endsWith(suffix) || ++seen < wanted.nth) return 'pass'
    if (wanted.mode === 'killed after') {
      // The broker's acknowledgement is what the publisher never hears.
      answer = passing.reply
      return 'pass'
    }
    broken = true
    process.kill(world.pid(service), 'SIGKILL')
    return 'drop'
  })
  return () => broken
}

async function sleepThrough(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await after(ACK_WAIT_MS * 1.5)
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // It was ended in its sleep.
  }
}

function differences({ facts }: Played, undisturbed: Facts): string {
  const same = (['tree', 'landed', 'merges', 'worktrees', 'commits', 'builds'] as const).filter(
    (key) => facts[key] !== undisturbed[key],
  )
  const found = same.map((key) => `${key} ${facts[key]} instead of ${undisturbed[key]}`)
  const extra = facts.modelCalls - undisturbed.modelCalls
  return [...found, ...(extra > 1 ? [`${extra} model calls more`] : [])].join(', ')
}

/** A sample that is the same for the same seed. */
export function sample<T>(all: readonly T[], share: number, seed: number): T[] {
  const random = randomFrom(seed)
  const keyed = all.map((item) => ({ item, key: random() })).sort((a, b) => a.key - b.key)
  const chosen = new Set(keyed.slice(0, Math.ceil(all.length * share)).map(({ item }) => item))
  return all.filter((item) => chosen.has(item))
}

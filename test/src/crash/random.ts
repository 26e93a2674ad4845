/** Stories while processes are killed or put to sleep at random moments: what must hold however it goes. */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { connectBus } from '@sluice/kit/bus.ts'
import { publicPrices, usageOf } from '@sluice/kit/prices.ts'
import { readSpent } from '@sluice/kit/spend.ts'
import type { ScriptedModel } from '@sluice/kit/testing/messages-script.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import { type Line, openLine } from '../testing/line.ts'
import { ownFiles, playing, storyAbout } from '../testing/tiny-stories.ts'
import { ACK_WAIT_MS } from './house.ts'
import { randomFrom } from './seeded.ts'

export type RandomOptions = { kills: number; seed: number; stories?: number; say?(line: string): void }
export type RandomOutcome = { faults: string[]; kills: number; sleeps: number; retries: number; stories: number }

/** How often each is hit, beside the others' once. */
const weights: Record<string, number> = { implementer: 5, 'llm-gateway': 4 }
const SLEEP_SHARE = 0.15
const MOST_MS = 1_500
const PATIENCE_MS = 20 * 60_000

export async function randomCrash({ kills, seed, stories: count, say }: RandomOptions): Promise<RandomOutcome> {
  const random = randomFrom(seed)
  const most = count ?? Math.max(2, Math.ceil(kills / 8))
  const stories = Array.from({ length: most }, (_, i) => storyAbout(`part-${i + 1}`, ownFiles(`part-${i + 1}`)))
  const outcome: RandomOutcome = { faults: [], kills: 0, sleeps: 0, retries: 0, stories: most }
  let pids: number[] = []
  {
    await using line = await openLine({
      ...{ stories, model: slowly(playing(stories)), implementers: 2, ackWaitMs: ACK_WAIT_MS, patienceMs: PATIENCE_MS },
    })
    const all = Promise.all(stories.map((story) => shippedBy(line, story, outcome)))
    const ended = all.then(() => true)
    while (outcome.kills + outcome.sleeps < kills) {
      const isOver = await Promise.race([ended, after(Math.ceil(random() * MOST_MS), false)])
      if (isOver) break
      hit(line, random, outcome, say)
    }
    const ids = await all
    say?.(`${outcome.kills} killed, ${outcome.sleeps} asleep, ${outcome.retries} retries: all shipped`)
    outcome.faults.push(...(await faultsOf(line, ids)))
    pids = line.house.pids().flatMap(({ pid }) => pid ?? [])
  }
  const left = pids.filter(isAlive)
  if (left.length > 0) outcome.faults.push(`${left.length} processes were left: ${left.join(', ')}.`)
  return outcome
}

/** Answers take a while, so that there are streams to be killed in the middle of. */
const slowly =
  (model: ScriptedModel): ScriptedModel =>
  async (request, context) => {
    const reply = await model(request, context)
    if (typeof reply === 'object' && 'error' in reply) return reply
    return { ...(typeof reply === 'string' ? { content: [reply] } : reply), betweenMs: 15 }
  }

function hit(line: Line, random: () => number, outcome: RandomOutcome, say?: (line: string) => void): void {
  const running = line.house
    .pids()
    .flatMap((one) =>
      one.pid && one.name !== 'broker' ? [{ ...one, pid: one.pid, weight: weights[one.name] ?? 1 }] : [],
    )
  let place = random() * running.reduce((sum, { weight }) => sum + weight, 0)
  const chosen = running.find(({ weight }) => {
    place -= weight
    return place < 0
  })
  const asleep = random() < SLEEP_SHARE
  if (!chosen) return
  say?.(`${asleep ? 'stop' : 'kill'} ${chosen.name} ${chosen.replica} (${chosen.pid})`)
  if (!signal(chosen.pid, asleep ? 'SIGSTOP' : 'SIGKILL')) return
  if (asleep) {
    outcome.sleeps++
    // Longer than its requests wait for a sign of life: another one has taken them when it wakes.
    setTimeout(() => signal(chosen.pid, 'SIGCONT'), ACK_WAIT_MS * 1.5)
  } else outcome.kills++
}

/** A person who is there: what gave up after being killed too often is sent again. */
async function shippedBy(line: Line, story: { text: string }, outcome: RandomOutcome): Promise<string> {
  const id = await again(() => line.submit(story, { auto: true, budgetUsd: 1_000 }))
  const seen = new Set<string>()
  for (;;) {
    const request = await line.when(id, (now) => {
      if (now.status === 'shipped') return 'shipped'
      if (now.status === 'cancelled') throw new Error(`${id} was cancelled.`)
      const stuck = stepsOf(now).flatMap(({ step }) => (step.at === 'failed' ? [step.request] : []))
      return stuck.find((one) => !seen.has(one))
    })
    if (request === 'shipped') return id
    seen.add(request)
    outcome.retries++
    await again(() => line.say(id, 'retry'))
  }
}

/** Web may be the one that was killed. */
async function again<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++)
    try {
      return await ask()
    } catch (error) {
      if (tries > 50) throw error
      await after(200)
    }
}

async function faultsOf(line: Line, ids: readonly string[]): Promise<string[]> {
  // What was asked last is told last.
  await after(3_000)
  const faults: string[] = []
  for (const id of ids) {
    const merges = new Set(line.events(id).flatMap((e) => (e.type === 'merge.completed' ? [e.id] : [])))
    if (merges.size !== 1) faults.push(`${id} was merged ${merges.size} times.`)
  }
  const twice = line.api.askedTwice()
  if (twice.length > 0) faults.push(`Asked for again although it was answered: ${twice.join(', ')}.`)
  return [...faults, ...(await moneyFaults(line))]
}

/** Of a call whose gateway died as it was sent nobody knows whether it was heard: it may be counted, or guessed. */
async function moneyFaults(line: Line): Promise<string[]> {
  const { user, password, url } = line.config('supervisor')
  await using bus = await connectBus({ user, password, url })
  const spent = await Array.fromAsync(readSpent(bus))
  const told = spent.filter(({ estimated }) => !estimated)
  const sumOf = (requests: typeof line.api.requests) =>
    requests.reduce((sum, { body, usage }) => sum + usageOf(usage ?? {}, publicPrices[body.model]).costUsd, 0)
  const [least, most] = [
    sumOf(line.api.requests.filter(({ taken }) => taken)),
    sumOf(line.api.requests.filter(({ whole }) => whole)),
  ]
  const sum = told.reduce((all, { usage }) => all + usage.costUsd, 0)
  const ids = new Set(spent.map(({ id }) => id))
  const faults = []
  if (sum < least - 1e-9 || sum > most + 1e-9) faults.push(`$${sum} are told, $${least} to $${most} were answered.`)
  if (ids.size !== spent.length) faults.push('A call is told twice on RUN.')
  const left = await readdir(join(line.dataDir, 'gateway', 'calls'))
  if (left.length > 0) faults.push(`${left.length} calls are still to be told of.`)
  return faults
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

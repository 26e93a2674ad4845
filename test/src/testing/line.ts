/** A house and its stories as they go on: heard on the bus, decided about over REST as a person does. */
import { readFileSync } from 'node:fs'
import { askedIn, roleIn } from '@sluice/demo/play/asked.ts'
import { type Bus, connectBus } from '@sluice/kit/bus.ts'
import { ServiceConfig, serviceFile } from '@sluice/kit/config.ts'
import { follow } from '@sluice/kit/follow.ts'
import { openLog } from '@sluice/kit/log.ts'
import type { RecordedRequest } from '@sluice/kit/testing/messages-api.ts'
import type { Event } from '@sluice/proto/events.ts'
import type { Board, Commanded, Problem } from '@sluice/proto/rest.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import { evolve, type Gate, type Story } from '@sluice/proto/story.ts'
import { asking, openTinyHouse, type TinyOptions, tinyPlace } from './house.ts'
import { type PlayedStory, playing } from './tiny-stories.ts'

export type Line = Awaited<ReturnType<typeof openLine>>
export type Stories = Awaited<ReturnType<typeof followStories>>

type LineOptions = Partial<TinyOptions> & {
  stories: PlayedStory[]
  files?: Record<string, string>
  patienceMs?: number
}

export async function openLine({ stories, files, patienceMs = PATIENCE_MS, ...options }: LineOptions) {
  await using stack = new AsyncDisposableStack()
  const house = stack.use(await openTinyHouse(await tinyPlace(files), { model: playing(stories), ...options }))
  const told = stack.use(await followStories(house.dataDir, house.house, { patienceMs }))
  const things = stack.move()
  /** What the model was asked for a story, by one role if one is named. */
  const requests = ({ text }: PlayedStory, role?: string): RecordedRequest[] =>
    house.api.requests.filter(
      ({ body }) => askedIn(body, stories)?.story.text === text && (!role || roleIn(body) === role),
    )
  const config = (user: string) => configOf(house.dataDir, user)
  return { ...house, ...told, requests, config, [Symbol.asyncDispose]: () => things.disposeAsync() }
}

/** What the house has told a service. */
const configOf = (dataDir: string, user: string): ServiceConfig =>
  ServiceConfig.parse(JSON.parse(readFileSync(serviceFile(user, dataDir), 'utf8')))

/** Longer than any step takes on a machine with other things to do. */
const PATIENCE_MS = 90_000

type Waiter = { id: string; look(): boolean }

export async function followStories(
  dataDir: string,
  house: { origin: string; token: string },
  { patienceMs = PATIENCE_MS }: { patienceMs?: number } = {},
) {
  const bus: Bus = await connectBus(configOf(dataDir, 'supervisor'))
  const stop = new AbortController()
  const logs = new Map<string, Event[]>()
  const folds = new Map<string, Story | null>()
  const waiting = new Set<Waiter>()
  let heard = 0

  const following = follow({
    ...{ bus, log: openLog('test', { write: () => {} }), signal: stop.signal },
    onEvent({ event, sequence }) {
      heard = sequence
      const id = event.storyId ?? ''
      logs.set(id, [...events(id), event])
      folds.set(id, evolve(folds.get(id) ?? null, event))
      for (const waiter of [...waiting]) if (waiter.id === id && waiter.look()) waiting.delete(waiter)
    },
  })
  const ask = asking(house)
  const events = (id: string): Event[] => logs.get(id) ?? []

  /** What `look` first finds in the story; rejects when nothing comes, and says where the story stands. */
  function when<T>(id: string, look: (story: Story, events: Event[]) => T | undefined | null | false): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const waiter = {
      id,
      look() {
        try {
          const story = folds.get(id)
          const found = story ? look(story, events(id)) : undefined
          if (!found) return false
          resolve(found)
        } catch (error) {
          reject(error)
        }
        clearTimeout(timer)
        return true
      },
    }
    const timer = setTimeout(() => {
      waiting.delete(waiter)
      reject(new Error(`Waited ${patienceMs / 1000} s. ${standing(folds.get(id) ?? null, events(id))}`))
    }, patienceMs)
    if (!waiter.look()) waiting.add(waiter)
    return promise
  }

  /** Web folds by itself: a person decides about what web has shown them. */
  async function say(id: string, verb: string, body: unknown = {}) {
    const seen = heard
    while ((await ask<Board>('GET', '/api/stories')).body.sequence < seen);
    return ask<Commanded & Problem>('POST', `/api/stories/${id}/${verb}`, body)
  }

  const gate = (id: string, name: string): Promise<Gate> =>
    when(id, (story) => going(story).gate?.gate === name && story.gate)
  const approve = async (id: string, { gate, digest }: Gate, more: object = {}): Promise<void> =>
    accepted(await say(id, 'approve', { gate, digest, ...more }))

  /** Approves every gate before this one. */
  async function toGate(id: string, name: string): Promise<Gate> {
    for (;;) {
      const open = await when(id, (story) => going(story).gate)
      if (open.gate === name) return open
      await approve(id, open)
      await when(id, (story) => story.gate?.event !== open.event)
    }
  }

  const shipped = (id: string): Promise<Story> => when(id, (story) => going(story).status === 'shipped' && story)

  return {
    ...{ bus, ask, say, when, gate, approve, toGate, shipped, events },
    async submit({ text }: { text: string }, more: object = {}): Promise<string> {
      const { status, body } = await ask<{ id: string }>('POST', '/api/stories', { text, ...more })
      if (status !== 201) throw new Error(JSON.stringify(body))
      return body.id
    },
    /** What a story stands still for. */
    paused: (id: string) =>
      when(id, (story) => stepsOf(story).flatMap(({ step }) => (step.at === 'paused' ? [step] : []))[0]),
    async ship(id: string): Promise<Story> {
      await approve(id, await toGate(id, 'review'))
      return shipped(id)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await following
      await bus[Symbol.asyncDispose]()
    },
  }
}

function accepted({ status, body }: { status: number; body: unknown }): void {
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
}

/** A story that failed will not go on by itself. */
function going(story: Story): Story {
  const failed = stepsOf(story).flatMap(({ name, step }) => (step.at === 'failed' ? [`${name}: ${step.reason}`] : []))
  if (failed.length > 0) throw new Error(failed.join('\n'))
  return story
}

function standing(story: Story | null, events: readonly Event[]): string {
  if (!story) return 'The story was never submitted.'
  const steps = stepsOf(story).flatMap(({ name, step }) => (/idle|done/.test(step.at) ? [] : [`${name} ${step.at}`]))
  const gate = story.gate ? `gate ${story.gate.gate}` : 'no gate'
  return `${story.id} is ${story.status}: ${[...steps, gate].join(', ')}. Last: ${events.at(-1)?.type}.`
}

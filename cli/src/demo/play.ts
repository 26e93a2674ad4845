/** The demo from an empty directory to the end of its stories: a house of its own, all stories at once, gates approved by `auto`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DemoStory, readStories } from '@sluice/demo/stories.ts'
import { Submitted } from '@sluice/proto/rest.ts'
import { openDemoHouse } from '../demo-house.ts'
import { eventLine } from '../event-line.ts'
import { type Followed, followStories } from '../follow.ts'
import { needsOf } from '../next.ts'
import { type Rest, restOf } from '../rest.ts'
import { plain } from '../terminal.ts'
import { examineMain, type Landed } from './main-branch.ts'

export type DemoOptions = {
  implementers: number
  /** What is left of the demo stays, and is named. */
  keep: boolean
  signal: AbortSignal
  /** Told of every event and of what goes wrong. */
  say(line: string): void
}

export type Played = { followed: Followed[]; landed: Landed }

/** Long enough for a service to be started anew. */
const PATIENCE_MS = 30_000

export async function playDemo(options: DemoOptions): Promise<Played> {
  const { signal, say, implementers, keep } = options
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'slc-demo-'))
  stack.defer(() => (keep ? void say(`Kept in ${dir}.`) : rm(dir, { recursive: true, force: true, maxRetries: 5 })))
  const house = join(dir, 'demo')
  const stories = readStories()
  const opened = stack.use(await openDemoHouse(house, { pace: 'fast', implementers, say }))
  await unlessEnded(opened.ready, signal)
  const followed = await playStories(restOf({ ...opened, patienceMs: PATIENCE_MS, signal }), stories, options)
  const landed = await examineMain(
    followed.map(({ story }) => story),
    { dir, house, signal, say },
  )
  return { followed, landed }
}

async function playStories(
  rest: Rest,
  stories: readonly DemoStory[],
  { signal, say }: DemoOptions,
): Promise<Followed[]> {
  const names = new Map<string, string>()
  for (const { id: name, text } of stories) {
    const { id } = await rest.post('/api/stories', { text, auto: true }, Submitted)
    names.set(id, name)
  }
  const followed = await followStories(rest, [...names.keys()], {
    signal,
    onEvent: ({ event }) => say(eventLine(event, names.get(event.storyId ?? ''))),
    onSettled({ story }) {
      const waits = needsOf(story).map(({ text }) => plain(text))
      if (waits.length > 0) say(`${names.get(story.id)} needs a person: ${waits.join(' ')}`)
    },
  })
  return [...names.keys()].flatMap((id) => followed.get(id) ?? [])
}

async function unlessEnded<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const end = (): void => reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    signal.throwIfAborted()
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}

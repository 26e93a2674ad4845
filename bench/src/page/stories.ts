/** Stories at every stage of the line, published as the events that would have led there, and one after the other moved. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { connectBus } from '@sluice/kit/bus.ts'
import { ServiceConfig, serviceFile } from '@sluice/kit/config.ts'
import { record } from '@sluice/kit/record.ts'
import { cardOf } from '@sluice/proto/card.ts'
import { CARDS, cardSubject } from '@sluice/proto/cards.ts'
import { BudgetRaised, type Event } from '@sluice/proto/events.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'

const corpus = readFileSync(new URL('../../../proto/corpus/0.1-story.jsonl', import.meta.url), 'utf8').trim()
const AT_ONCE = 200

/** A released story under another name, ending now: with the times of then every deadline would be over. */
function told(storyId: string): Event[] {
  const times = [...corpus.matchAll(/"time":\s*"([^"]+)"/g)].map(([, at]) => Date.parse(at ?? ''))
  const later = Date.now() - Math.max(...times)
  const ids = new Set([...corpus.matchAll(/"id":\s*"([\w-]{8,})"/g)].map(([, id]) => id ?? ''))
  const mine = corpus
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => new Date(Date.parse(at) + later).toISOString())
    .replace(/"([\w-]{8,80})"/g, (all, id: string) => (ids.has(id) ? `"${id.slice(0, 40)}-${storyId}"` : all))
  return mine.split('\n').map((line) => ({ ...(JSON.parse(line) as Event), storyId }))
}

/** How many of its events leave a story with somebody at work, and how many with the person. */
function placesIn(events: readonly Event[]): { working: number[]; waiting: number[] } {
  const [working, waiting]: [number[], number[]] = [[], []]
  let story: Story | null = null
  for (const [i, event] of events.entries()) {
    story = evolve(story, event)
    if (story?.status !== 'running') continue
    const card = cardOf(story, i + 1)
    if (card.needsPerson) waiting.push(i + 1)
    else if (card.working.length > 0) working.push(i + 1)
  }
  return { working, waiting }
}

/** A person with a thousand stories does not let hundreds of them wait. */
const WAITS_EVERY = 50

export async function openBoardOf(dataDir: string) {
  const config = ServiceConfig.parse(JSON.parse(readFileSync(serviceFile('supervisor', dataDir), 'utf8')))
  const bus = await connectBus(config)
  const names: string[] = []

  return {
    async fill(stories: number): Promise<void> {
      const { working, waiting } = placesIn(told('any'))
      const events = Array.from({ length: stories }, (_, i) => {
        const waits = i % WAITS_EVERY === 0
        if (!waits) names.push(`story-${i}`)
        const places = waits ? waiting : working
        return told(`story-${i}`).slice(0, places[i % places.length])
      }).flat()
      for (let i = 0; i < events.length; i += AT_ONCE)
        await Promise.all(events.slice(i, i + AT_ONCE).map((event) => bus.publish(event)))
    },
    /** Resolves when every story has its card. */
    async shown(): Promise<void> {
      for (const name of names) while (!(await bus.last(`KV_${CARDS}`, cardSubject(name)))) await delay(100)
    },
    /** What will stand on its card, and when the event was recorded. */
    async move(i: number): Promise<{ shown: string; at: number }> {
      const budgetUsd = 100 + i / 100
      const storyId = names[(i * 7) % names.length] ?? ''
      const saying = { type: BudgetRaised, source: 'web', projectId: 'bench', storyId, cause: null, n: i }
      await bus.publish(record({ ...saying, data: { budgetUsd }, now: new Date() }))
      return { shown: `of $${budgetUsd.toFixed(2)}`, at: performance.timeOrigin + performance.now() }
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}

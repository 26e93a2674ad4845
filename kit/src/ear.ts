/** What a person says to a run, whatever engine works on it: words go into its journal first, and a pause holds from its first moment. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Words } from '@sluice/proto/parts.ts'
import type { Said } from '@sluice/proto/said.ts'
import { LeaseLost, Pause, Refusal } from './errors.ts'
import type { Hear, Hearing } from './hearing.ts'
import type { Run } from './run.ts'

type Steer = Extract<Said, { do: 'steer' }>
type Wish = Extract<Said, { do: 'pause' }>

export type EarOptions = {
  run: Run
  /** What the request brings along: who worked before may have died before it heard it. */
  carried: readonly Words[]
  /** Ends the attempt at once: for engines that know no pause, and while none is at work yet. */
  park(pause: Pause): void
  now?: () => Date
}

export async function openEar(
  spoken: Hearing,
  { run, carried, park, now = () => new Date() }: EarOptions,
): Promise<Hearing & Disposable> {
  let hear: Hear | null = null
  let over = false
  let wish: Wish | null = null
  for (const words of carried) await keep(words)

  async function keep(words: Words): Promise<void> {
    // Said again, by whoever did not hear that it was heard: it is there already.
    if (!wordsIn(run).some(({ id }) => id === words.id)) await run.append('said', words)
  }

  /** What the engine does not take now is said to it again; what it took, once. */
  async function pass(words: Words, to: Hear): Promise<void> {
    const { id, text, attachments } = words
    if (toldIn(run).has(id)) return
    await to({ do: 'steer', id, text, ...(attachments && { attachments }) })
    await run.append('note', { type: 'told', text: id })
  }

  const mouth = spoken.listen(async (said) => {
    if (said.do === 'steer' && over && wordsIn(run).some(({ id }) => id === said.id)) return
    if (over || (!hear && said.do !== 'steer' && said.do !== 'pause'))
      throw new Refusal('No agent is at work in this run at the moment.', 'What you say is for who works next.')
    if (said.do === 'pause') return rest(said)
    if (said.do !== 'steer') return hear?.(said)
    const words = wordsOf(said, now())
    await keep(words)
    if (hear) await pass(words, hear)
  })

  async function rest(said: Wish): Promise<void> {
    wish = said
    if (hear) await hear(said).catch((error: unknown) => parkUnless(error, said))
    else if (said.now) park(pauseFor(said))
  }

  function parkUnless(error: unknown, said: Wish): void {
    if (!(error instanceof Refusal)) throw error
    park(pauseFor(said))
  }

  return {
    listen(listener) {
      hear = listener
      over = false
      const before = replay(listener)
      return {
        settled: async () => void (await Promise.all([before, mouth.settled()])),
        [Symbol.dispose]: () => {
          if (hear !== listener) return
          hear = null
          over = true
        },
      }
    },
    [Symbol.dispose]: () => mouth[Symbol.dispose](),
  }

  /** What an earlier attempt heard and did not pass on, and what was said before anybody listened. */
  async function replay(listener: Hear): Promise<void> {
    for (const words of wordsIn(run))
      while (hear === listener && !(await pass(words, listener).then(done, unlessLost))) await delay(AGAIN_MS)
    if (wish && hear === listener) await rest(wish)
  }
}

/** An engine that is not ready to hear is asked again so soon. */
const AGAIN_MS = 500
const done = (): boolean => true

/** Who lost the lease says nothing more. */
const unlessLost = (error: unknown): boolean => error instanceof LeaseLost

export const pauseFor = ({ why = 'paused' }: Pick<Wish, 'why'>): Pause => new Pause({ kind: 'person', why })

/** All that was said in this run and in those it goes on from, oldest first. */
export const wordsIn = (run: Pick<Run, 'earlier' | 'entries'>): Words[] =>
  [...run.earlier, ...run.entries()].flatMap(({ kind, data }) => (kind === 'said' ? [Words.parse(data)] : []))

function toldIn(run: Pick<Run, 'earlier' | 'entries'>): Set<string> {
  const notes = [...run.earlier, ...run.entries()].filter(({ kind }) => kind === 'note')
  return new Set(
    notes.flatMap(({ data }) => ((data as { type?: string }).type === 'told' ? [(data as { text: string }).text] : [])),
  )
}

const wordsOf = ({ id = randomUUID(), text, attachments }: Steer, at: Date): Words => ({
  ...{ id, text, at: at.toISOString() },
  ...(attachments && { attachments }),
})

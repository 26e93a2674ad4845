/** What a person says to a run, whatever engine works on it: words go into its journal first, and a pause holds from its first moment. */
import { randomUUID } from 'node:crypto'
import { Words } from '@sluice/proto/parts.ts'
import type { Said } from '@sluice/proto/said.ts'
import { Pause, Refusal } from './errors.ts'
import type { Hear, Hearing } from './hearing.ts'
import type { Run } from './run.ts'

type Steer = Extract<Said, { do: 'steer' }>
type Wish = Extract<Said, { do: 'pause' }>

/** `carried` is what the request brings along: who worked before may have died before it heard it. */
export async function openEar(
  spoken: Hearing,
  { run, carried, now = () => new Date() }: { run: Run; carried: readonly Words[]; now?: () => Date },
): Promise<Hearing & Disposable> {
  let hear: Hear | null = null
  let over = false
  let wish: Wish | null = null
  for (const words of carried) await keep(words)

  async function keep(words: Words): Promise<void> {
    // Said again, by whoever did not hear that it was heard: it is there already.
    if (!wordsIn(run).some(({ id }) => id === words.id)) await run.append('said', words)
  }

  const mouth = spoken.listen(async (said) => {
    if (said.do === 'steer' && over && wordsIn(run).some(({ id }) => id === said.id)) return
    if (over || (!hear && said.do !== 'steer' && said.do !== 'pause'))
      throw new Refusal('No agent is at work in this run at the moment.', 'What you say is for who works next.')
    if (said.do === 'pause') wish = said
    if (said.do !== 'steer') return hear?.(said)
    const words = wordsOf(said, now())
    await keep(words)
    await hear?.({ ...said, id: words.id })
  })

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
    const known = toldIn(run)
    for (const { id, text, attachments } of wordsIn(run))
      if (!known.has(id)) await listener({ do: 'steer', id, text, ...(attachments && { attachments }) }).catch(later)
    if (wish) await listener(wish).catch(later)
  }
}

/** It stays in the journal: the next attempt is told. */
const later = (): undefined => undefined

export const pauseFor = ({ why = 'paused' }: Pick<Wish, 'why'>): Pause => new Pause({ kind: 'person', why })

/** All that was said in this run and in those it goes on from, oldest first. */
export const wordsIn = (run: Pick<Run, 'earlier' | 'entries'>): Words[] =>
  [...run.earlier, ...run.entries()].flatMap(({ kind, data }) => (kind === 'said' ? [Words.parse(data)] : []))

/** For engines that carry the conversation elsewhere: its agent has these words. */
export const told = (run: Run, id: string): Promise<void> => run.append('note', { type: 'told', text: id })

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

/** A person at a run without a bus: what they say goes to whoever listens, one thing after another. */
import type { Words } from '@sluice/proto/parts.ts'
import type { Said } from '@sluice/proto/said.ts'
import { openEar } from '../ear.ts'
import type { Pause } from '../errors.ts'
import type { Hear, Hearing } from '../hearing.ts'
import type { Run } from '../run.ts'

export type Voice = { hearing: Hearing; say(said: Said): Promise<void>; parked: Pause[] }

export async function voiceAt(run: Run, carried: readonly Words[] = []): Promise<Voice> {
  let hear: Hear = () => Promise.reject(new Error('Nobody has an ear at this run.'))
  let saying: Promise<void> = Promise.resolve()
  const mouth: Hearing = {
    listen(listener) {
      hear = listener
      return { settled: () => saying, [Symbol.dispose]: () => undefined }
    },
  }
  const parked: Pause[] = []
  const hearing = await openEar(mouth, { run, carried, park: (pause) => void parked.push(pause) })
  return {
    parked,
    hearing,
    say(said) {
      const mine = saying.then(() => hear(said))
      saying = mine.catch(() => undefined)
      return mine
    },
  }
}

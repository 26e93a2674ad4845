/** Stops an agent that takes turn after turn and changes nothing: the person is shown what it did instead, and says whether it goes on. */
import { z } from 'zod'
import type { Turn } from './agent.ts'
import { Pause } from './errors.ts'
import type { Run } from './run.ts'

const Watch = z.object({ type: z.literal('watch'), from: z.int() })
/** A turn that changed files leaves one; one that could not be made may have changed them too. */
const Checkpoint = z.object({ type: z.literal('checkpoint'), turn: z.int().nullish() })

const SHOWN = 3

/**
 * Called after each turn. Counted are the turns of this run alone: parked and sent on it is another run, and goes as far again.
 * What counts stands in the journal, so that an attempt that was killed is counted on.
 */
export async function stopIdle(run: Run, { number, titles }: Turn, most: number): Promise<void> {
  const notes = run.entries().filter(({ kind }) => kind === 'note')
  const begun = notes.flatMap(({ data }) => Watch.safeParse(data).data ?? [])[0]
  if (!begun) await run.append('note', { type: 'watch', from: number })
  const changed = notes.flatMap(({ data }) => Checkpoint.safeParse(data).data?.turn ?? [])
  const last = Math.max((begun?.from ?? number) - 1, ...changed)
  const idle = number - last
  if (idle < most) return
  const lately = titles.length > 0 ? ` Its last calls: ${titles.slice(0, SHOWN).join(', ')}.` : ''
  throw new Pause({ kind: 'stuck', saw: `${idle} turns without a change to the project.${lately}`, times: idle })
}

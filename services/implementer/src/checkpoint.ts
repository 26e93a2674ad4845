/** A checkpoint after a turn: what it says, and that one which cannot be made stops nobody's work. */
import type { Turn } from '@sluice/kit/agent.ts'
import type { Checkpoints } from '@sluice/kit/checkpoints.ts'
import { LeaseLost } from '@sluice/kit/errors.ts'
import type { Means } from '@sluice/kit/role.ts'

export async function checkpoint(
  { number, titles }: Turn,
  checkpoints: Checkpoints,
  { run, log }: Pick<Means, 'run' | 'log'>,
): Promise<void> {
  const title = `Turn ${number}${titles.length > 0 ? `: ${titles.join(', ')}` : ''}`
  try {
    await checkpoints.take({ title, turn: number })
  } catch (error) {
    if (error instanceof LeaseLost) throw error
    log.warn({ err: error, turn: number }, 'no checkpoint')
    const why = error instanceof Error ? error.message : String(error)
    await run.append('note', { type: 'checkpoint', ok: false, text: `No checkpoint after turn ${number}: ${why}` })
  }
}

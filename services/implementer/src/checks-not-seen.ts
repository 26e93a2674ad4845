/** What the journal saw of the project's checks before a hand-in: a word that they pass is none. */
import type { Run } from '@sluice/kit/run.ts'
import { z } from 'zod'

type Check = { name: string; command: string }
type Unseen = { name: string; how: string }

const Ended = z.object({
  type: z.literal('tool'),
  state: z.literal('ended'),
  text: z.string(),
  ok: z.boolean(),
  exitCode: z.number().optional(),
})

export function checksNotSeen(run: Pick<Run, 'earlier' | 'entries'>, checks: readonly Check[]) {
  let told = false
  return {
    /** Said once: the second time the result is taken, and says what was not seen. A later attempt is told again. */
    once(): string | null {
      const unseen = unseenIn(run, checks)
      if (told || unseen.length === 0) return null
      told = true
      return `these checks were not seen green: ${listOf(unseen)}. Run them as they stand in <checks> and mend what is red; what cannot pass, name in the summary with the reason, and submit again.`
    },
    /** For the summary that people and memory keep. */
    note(): string {
      const unseen = unseenIn(run, checks)
      return unseen.length > 0 ? `\n\nNot seen green before the hand-in: ${listOf(unseen)}.` : ''
    },
  }
}

const listOf = (unseen: Unseen[]): string => unseen.map(({ name, how }) => `${name} (${how})`).join(', ')

function unseenIn({ earlier, entries }: Pick<Run, 'earlier' | 'entries'>, checks: readonly Check[]): Unseen[] {
  const calls = [...earlier, ...entries()].flatMap(({ kind, data }) =>
    kind === 'note' ? (Ended.safeParse(data).data ?? []) : [],
  )
  return checks.flatMap(({ name, command }) => {
    const last = calls.findLast(({ text }) => runs(text, command))
    if (!last) return [{ name, how: 'not run' }]
    return last.ok ? [] : [{ name, how: last.exitCode === undefined ? 'did not end' : `exit code ${last.exitCode}` }]
  })
}

/** The command itself, alone or among others: `npm run lint` is not `npm run lint:fix`. */
function runs(text: string, command: string): boolean {
  const at = text.indexOf(command)
  return at >= 0 && !/[\w:-]/.test(text[at + command.length] ?? '')
}

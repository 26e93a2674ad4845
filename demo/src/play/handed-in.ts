/** What the played implementer says of its round: what was typed, what was not, how the checks ended. Nothing is glossed over. */
import type { Edit } from '../edits.ts'
import { type Asked, ended, sentBack } from './asked.ts'
import { type AskedFinding, checksIn, findingsIn, newBaseIn, roundOf } from './round.ts'
import type { Typed } from './typing.ts'

/** The fix is for a vulnerability in a file it changes; a check that fails there is something else. */
export const aboutFix = ({ path, kind }: AskedFinding, fix: readonly Edit[]): boolean =>
  kind !== undefined && fix.some((edit) => edit.path === path)

export function summaryOf(asked: Asked, typed: readonly Typed[]): string {
  const parts = [
    roundOf(asked) === 1 ? firstRound(asked) : laterRound(asked, typed),
    ...newBase(asked),
    ...sentBack(asked).map((comment) => `Sent back with “${comment}”: the script has no edits for that.`),
    ...failures(typed),
    checks(asked),
    'Played by the scripted model of the demo.',
  ]
  return parts.join('\n\n')
}

const firstRound = ({ story }: Asked): string => story.tasks.map(({ id, title }) => `- ${id} ${title}`).join('\n')

function laterRound(asked: Asked, typed: readonly Typed[]): string {
  const findings = findingsIn(asked)
  if (findings.length === 0) return 'No finding came with this round; nothing new was typed.'
  const { fix = [] } = asked.story
  return findings
    .map(
      (finding) =>
        `- ${outcomeOf(finding, fix, typed)} ${finding.reviewer}, ${finding.path ?? 'no file named'}: ${finding.claim}`,
    )
    .join('\n')
}

function outcomeOf(finding: AskedFinding, fix: readonly Edit[], typed: readonly Typed[]): string {
  if (!aboutFix(finding, fix)) return 'Not mended, the script has no edits for it:'
  if (typed.some(({ state }) => state === 'failed'))
    return 'Not mended, or not wholly; the script’s edits did not all fit:'
  return typed.some(({ state }) => state === 'typed')
    ? 'Mended as the script has it:'
    : 'Nothing new typed, the script’s edits for it stand in the files already:'
}

function newBase(asked: Asked): string[] {
  const onto = newBaseIn(asked)
  if (!onto) return []
  return [
    onto.conflicts.length > 0
      ? `The story stands on a new base. Conflict marks in ${onto.conflicts.join(', ')}: the script has nothing to resolve them with, they are left.`
      : 'The story stands on a new base, where it merged by itself; nothing was typed for that.',
  ]
}

function failures(typed: readonly Typed[]): string[] {
  const failed = typed.flatMap((one) => (one.state === 'failed' ? [`- ${one.edit.path}: ${one.why}`] : []))
  return failed.length > 0 ? [`These edits could not be typed:\n${failed.join('\n')}`] : []
}

function checks(asked: Asked): string {
  const all = checksIn(asked).map(({ name, command }) => {
    const ran = ended(asked, 'shell').findLast(({ input }) => (input as { command?: string }).command === command)
    return `${name} ${ran ? endOf(ran.result) : 'was not run'}`
  })
  return all.length > 0 ? `Checks, run here: ${all.join('; ')}.` : 'The project names no checks.'
}

/** The shell's last line says how a command ended. */
function endOf(result = ''): string {
  const code = /\[exit code (\d+)\]\s*$/.exec(result)?.[1]
  if (code === '0') return 'passed'
  return code === undefined
    ? 'could not be run to its end'
    : `failed with exit code ${code}, which the script cannot mend`
}

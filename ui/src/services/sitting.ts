/** Who sits in a seat, in words, and as a person types it. */
import type { Sitting } from '@sluice/proto/seat.ts'

export type Typed = { kind: Sitting['kind']; program: string; command: string; directory: string }

export const typedFrom = (sitting: Sitting | null): Typed => ({
  kind: sitting?.kind ?? 'command',
  program: sitting?.kind === 'builtin' ? sitting.program : '',
  command: sitting?.kind === 'command' ? sitting.command.map(quoted).join(' ') : '',
  directory: sitting?.kind === 'command' ? sitting.directory : '',
})

/** What is still missing is said; else the sitting. */
export function sittingFrom({ kind, program, command, directory }: Typed): Sitting | { missing: string } {
  if (kind === 'external') return { kind }
  if (kind === 'builtin') return program ? { kind, program } : { missing: 'Choose one of Sluice’s own reviewers.' }
  const words = wordsOf(command)
  if (words.length === 0) return { missing: 'Say the command that runs the reviewer.' }
  if (!directory.trim()) return { missing: 'Say in which directory it runs: an absolute path.' }
  return { kind, command: words, directory: directory.trim() }
}

export function sittingText(sitting: Sitting): string {
  if (sitting.kind === 'builtin') return `Sluice’s own ${sitting.program}`
  if (sitting.kind === 'command') return `${sitting.command.map(quoted).join(' ')}, in ${sitting.directory}`
  return 'a program that you run yourself'
}

/** As a shell splits words, without variables: quotes hold spaces together, a backslash the next letter. */
export function wordsOf(text: string): string[] {
  const words = text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? []
  return words.map((word) =>
    word.replace(
      /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_, one?: string, double?: string, single?: string) =>
        one ?? single ?? (double ?? '').replace(/\\(["\\$`])/g, '$1'),
    ),
  )
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`)

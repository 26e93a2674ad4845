/** Where in a shell's output its prompt, a command's output and its end are: OSC 133 marks that only this shell can print. */

/** `ended`: a command is over or the shell has begun; `typing`: the prompt is out; `running`: the line was taken. */
export type Mark = { kind: 'ended'; exitCode: number } | { kind: 'typing' } | { kind: 'running' }

const ESC = '\u001b'
const BEL = '\u0007'
/** Longer than any mark with its nonce. */
const MARK_CHARS = 96

/** The start file of a bash that marks what it prints. The nonce is in variables that are not exported, so no program can print a mark. */
export const marksRc = (nonce: string): string => `
unset HISTFILE; set +o history +H
PS1='\\[\\e[2m\\]\\w\\[\\e[0m\\] \\$ \\[\\e]133;B;k=${nonce}\\a\\]'
PS0='\\e]133;C;k=${nonce}\\a'
PROMPT_COMMAND='printf "\\e]133;D;%s;k=${nonce}\\a" "$?"'
bind 'set enable-bracketed-paste off' 'set bell-style none'
`

/** Splits what arrives, in whatever pieces, into text and marks in their order. */
export function markReader(nonce: string, { text, mark }: { text(piece: string): void; mark(mark: Mark): void }) {
  const pattern = new RegExp(`${ESC}\\]133;(?:B|C|D;(\\d+));k=${nonce}${BEL}`, 'g')
  let held = ''

  return (piece: string): void => {
    const all = held + piece
    let from = 0
    for (const match of all.matchAll(pattern)) {
      if (match.index > from) text(all.slice(from, match.index))
      mark(asMark(match[0], match[1]))
      from = match.index + match[0].length
    }
    const rest = all.slice(from)
    // What may be the beginning of a mark waits for its end.
    const maybe = rest.indexOf(ESC, Math.max(0, rest.length - MARK_CHARS))
    held = maybe < 0 ? '' : rest.slice(maybe)
    const sure = maybe < 0 ? rest : rest.slice(0, maybe)
    if (sure) text(sure)
  }
}

function asMark(mark: string, exitCode: string | undefined): Mark {
  if (exitCode !== undefined) return { kind: 'ended', exitCode: Number(exitCode) }
  return mark.includes(';B;') ? { kind: 'typing' } : { kind: 'running' }
}

/** What an agent's terminal printed, for a person's own: colours and cursor, nothing that asks, renames or reaches beyond the screen. */

/** Colours, cursor, erasing, scrolling; private modes only those of wrapping, cursor and the other screen. */
const ALLOWED = /^(?:[\d;:]*[A-HJKLMPSTX@dfmr`]|\?(?:7|25|47|1047|1049)[hl])$/
const MOST_CHARS = 64
const [ESC, BEL] = ['\u001b', '\u0007']
const MOVES = '\b\t\n\r'

type State = 'text' | 'escape' | 'control' | 'charset' | 'string' | 'string escape'

/** Takes text in whatever pieces it comes. Nothing passes that is not known: a sequence is written out whole or not at all. */
export function harmless(): (piece: string) => string {
  let state: State = 'text'
  let held = ''

  function next(char: string): string {
    if (char === ESC && state !== 'string') return to('escape')
    switch (state) {
      case 'text':
        return isShown(char) ? char : ''
      case 'escape':
        return escaped(char)
      case 'charset':
        return to('text', char === '0' || char === 'B' ? `${ESC}(${char}` : '')
      case 'control':
        return controlled(char)
      case 'string':
        return char === ESC ? to('string escape') : char === BEL ? to('text') : ''
      case 'string escape':
        return char === '\\' ? to('text') : escaped(char)
    }
  }

  function to(other: State, out = ''): string {
    state = other
    held = ''
    return out
  }

  function escaped(char: string): string {
    if (char === '[') return to('control')
    if (char === '(') return to('charset')
    // Titles, the clipboard, links, device strings.
    if (']P^_X'.includes(char)) return to('string')
    return to('text', '78DEM'.includes(char) ? ESC + char : '')
  }

  function controlled(char: string): string {
    if (char < ' ' || char > '~') return to('text')
    if (held.length < MOST_CHARS) held += char
    if (char < '@') return ''
    return to('text', ALLOWED.test(held) ? `${ESC}[${held}` : '')
  }

  return (piece) => Array.from(piece, next).join('')
}

const isShown = (char: string): boolean =>
  MOVES.includes(char) || (char >= ' ' && !(char >= '\u007f' && char <= '\u009f'))

/** A terminal to look at: xterm.js, fed with text, that takes no keys and traps no focus unless somebody takes it over. Loaded when one is shown. */
import '@xterm/xterm/css/xterm.css'
import { Terminal } from '@xterm/xterm'

export type Size = { cols: number; rows: number }

export type Screen = {
  show(data: string): void
  clear(): void
  resize(size: Size): void
  look(look: { dark: boolean; readAloud: boolean }): void
  toEnd(): void
  /** Keys go to whoever is given here; null takes none again, and scrolls. */
  type(typed: ((data: string) => void) | null): void
  close(): void
}

const SCROLLBACK = 5_000
/** Smaller cannot be read: then it is scrolled sideways. */
const [SMALLEST, LARGEST] = [9, 15]

export function openScreen(place: HTMLElement, { cols, rows }: Size): Screen {
  const fontFamily = getComputedStyle(place).getPropertyValue('--mantine-font-family-monospace') || 'monospace'
  const terminal = new Terminal({
    ...{ cols, rows, fontFamily, scrollback: SCROLLBACK, disableStdin: true, cursorBlink: false },
    cursorInactiveStyle: 'outline',
    // Whatever an agent prints is readable on either ground.
    minimumContrastRatio: 4.5,
    // What an agent prints leads nowhere.
    linkHandler: { activate: () => {} },
  })
  let hand: ((data: string) => void) | null = null
  terminal.attachCustomKeyEventHandler((event) => {
    if (hand) return true
    if (event.type === 'keydown') scroll(terminal, event)
    return false
  })
  terminal.onData((data) => hand?.(data))
  terminal.open(place)
  const fit = () => {
    const size = fittingSize(place.clientWidth, terminal.cols, fontFamily)
    if (terminal.options.fontSize !== size) terminal.options.fontSize = size
  }
  fit()
  const watching = new ResizeObserver(fit)
  watching.observe(place)

  return {
    show: (data) => terminal.write(data),
    clear: () => terminal.reset(),
    resize(size) {
      if (size.cols === terminal.cols && size.rows === terminal.rows) return
      terminal.resize(size.cols, size.rows)
      fit()
    },
    look({ dark, readAloud }) {
      terminal.options.theme = dark ? darkTheme : lightTheme
      terminal.options.screenReaderMode = readAloud
    },
    toEnd: () => terminal.scrollToBottom(),
    type(typed) {
      hand = typed
      terminal.options.disableStdin = typed === null
      if (typed) terminal.focus()
    },
    close() {
      watching.disconnect()
      terminal.dispose()
    },
  }
}

/** Letters as large as let every column fit: the program's width is its own, a viewer does not change it. */
function fittingSize(width: number, cols: number, fontFamily: string): number {
  const pen = document.createElement('canvas').getContext('2d')
  if (!pen) return SMALLEST
  pen.font = `100px ${fontFamily}`
  const ratio = pen.measureText('W').width / 100
  return Math.min(LARGEST, Math.max(SMALLEST, Math.floor((width - 18) / cols / ratio)))
}

function scroll(terminal: Terminal, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !move(terminal, event.key)) return
  event.preventDefault()
}

/** False for a key that moves nothing. */
function move(terminal: Terminal, key: string): boolean {
  if (key === 'ArrowUp') terminal.scrollLines(-1)
  else if (key === 'ArrowDown') terminal.scrollLines(1)
  else if (key === 'PageUp') terminal.scrollPages(-1)
  else if (key === 'PageDown') terminal.scrollPages(1)
  else if (key === 'Home') terminal.scrollToTop()
  else if (key === 'End') terminal.scrollToBottom()
  else return false
  return true
}

const darkTheme = { background: '#12161a', foreground: '#e4e8ec', cursor: '#e4e8ec', selectionBackground: '#3b5568' }
const lightTheme = { background: '#fbfcfd', foreground: '#1c2329', cursor: '#1c2329', selectionBackground: '#bcd6ea' }

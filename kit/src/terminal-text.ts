/** What a terminal showed, as the text a person would have read there. */
import headless from '@xterm/headless'

/** Characters of output kept of a command, beginning and end; the rest is in the recording only. */
const HEAD_CHARS = 16_000
const TAIL_CHARS = 48_000

/** Keeps the beginning and the end of any amount of output. */
export class HeadAndTail {
  #head = ''
  #tail: string[] = []
  #tailChars = 0
  #all = 0

  add(text: string): void {
    this.#all += text.length
    const room = HEAD_CHARS - this.#head.length
    this.#head += text.slice(0, room)
    const rest = text.slice(Math.max(0, room))
    if (!rest) return
    this.#tail.push(rest)
    this.#tailChars += rest.length
    while (this.#tailChars - (this.#tail[0]?.length ?? 0) > TAIL_CHARS)
      this.#tailChars -= this.#tail.shift()?.length ?? 0
  }

  /** Both parts, and how many characters between them were left out (0: it is all in `head`). */
  parts(): { head: string; tail: string; leftOut: number } {
    const tail = this.#tail.join('')
    const leftOut = this.#all - this.#head.length - tail.length
    return leftOut > 0 ? { head: this.#head, tail, leftOut } : { head: this.#head + tail, tail: '', leftOut: 0 }
  }
}

/** Output as read on a screen of this width, cut to `maxChars` in its middle with a note; `truncated` when anything is missing. */
export async function readable(
  output: HeadAndTail,
  { cols, maxChars }: { cols: number; maxChars: number },
): Promise<{ text: string; truncated: boolean }> {
  const { head, tail, leftOut } = output.parts()
  const first = await rendered(head, cols)
  // The tail begins in the middle of a line, perhaps of an escape sequence.
  const last = leftOut > 0 ? await rendered(tail.slice(tail.indexOf('\n') + 1), cols) : ''
  const all = first + last
  if (leftOut === 0 && all.length <= maxChars) return { text: first, truncated: false }
  const begin = first.slice(0, maxChars / 4)
  const end = all.slice(Math.max(begin.length, all.length - (maxChars - begin.length)))
  const missing = all.length - begin.length - end.length + leftOut
  return { text: `${begin}\n… ${missing} characters left out …\n${end}`, truncated: true }
}

/** Bytes for a terminal as lines of text: colours gone, progress bars at their last state, wrapped lines whole. */
export async function rendered(raw: string, cols: number): Promise<string> {
  const scrollback = raw.split('\n').length + Math.ceil(raw.length / cols)
  const terminal = new headless.Terminal({ cols, rows: 50, scrollback, allowProposedApi: true })
  await new Promise<void>((resolve) => terminal.write(raw, resolve))
  const buffer = terminal.buffer.normal
  const lines: string[] = []
  for (let row = 0; row < buffer.length; row += 1) {
    const line = buffer.getLine(row)
    const text = line?.translateToString(false) ?? ''
    if (line?.isWrapped) lines.push((lines.pop() ?? '') + text)
    else lines.push(text)
  }
  terminal.dispose()
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()
}

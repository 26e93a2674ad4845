/** The recording of a terminal as an asciicast v3 file (docs.asciinema.org/manual/asciicast/v3): only ever appended to. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { type Cast, type CastCode, parseCast } from '@sluice/proto/cast.ts'

export type CastWriter = Disposable & {
  output(data: string): void
  input(data: string): void
  resize(cols: number, rows: number): void
  /** A named point on the player's bar. */
  marker(label: string): void
  exit(code: number): void
}

export type CastOptions = {
  cols: number
  rows: number
  title?: string
  /** Beyond this much terminal output is left out, and a marker says so. Default 64 MB. */
  maxBytes?: number
  /** Milliseconds of a clock that never goes back. */
  now?: () => number
}

/** Begins a recording; an existing file is replaced. What was written is in the file when the call returns. */
export function openCast(file: string, options: CastOptions): CastWriter {
  const { cols, rows, title, maxBytes = 64 * 1024 * 1024, now = () => performance.now() } = options
  const fd = openSync(file, 'w', 0o600)
  const write = (line: unknown): void => void writeSync(fd, `${JSON.stringify(line)}\n`)
  const timestamp = Math.floor(Date.now() / 1000)
  write({ version: 3, term: { cols, rows, type: 'xterm-256color' }, timestamp, ...(title && { title }) })

  let last = now()
  let carry = 0
  let left = maxBytes
  const event = (code: CastCode, data: string): void => {
    const at = now()
    const passed = at - last + carry
    // v3 holds intervals: what rounding drops is carried on, or a long recording would drift.
    const rounded = Math.max(0, Math.round(passed))
    carry = passed - rounded
    last = at
    write([rounded / 1000, code, data])
  }
  const output = (data: string): void => {
    if (left <= 0) return
    left -= Buffer.byteLength(data)
    event('o', data)
    if (left <= 0) event('m', `Recording stops here: more than ${maxBytes} bytes of output.`)
  }

  return {
    output,
    input: (data) => event('i', data),
    resize: (newCols, newRows) => event('r', `${newCols}x${newRows}`),
    marker: (label) => event('m', label),
    exit: (code) => event('x', String(code)),
    [Symbol.dispose]: () => closeSync(fd),
  }
}

/** Reads a recording, also one whose writer was killed. */
export function readCast(file: string): Cast {
  const cast = parseCast(readFileSync(file, 'utf8'))
  if (!cast) throw new Error(`${file} is not an asciicast v3 recording.`)
  return cast
}

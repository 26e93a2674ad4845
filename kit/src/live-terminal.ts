/** The live view of a run's terminal: what it prints, in few small frames, and its screen for whoever comes late. */

import { type TermFrame, termSubject } from '@sluice/proto/term.ts'
import { SerializeAddon } from '@xterm/addon-serialize'
import headless from '@xterm/headless'
import type { Bus } from './bus.ts'
import { onScreenAsked } from './ctl.ts'

export type LiveTerminal = Disposable & {
  output(text: string): void
  resize(cols: number, rows: number): void
}
export type TerminalSize = { cols: number; rows: number }

/** Frames come at most so often. */
const FRAME_MS = 50
/** Of more than this at once only the end is shown: the recording has it all. */
const MOST_CHARS = 16_384
/** What one terminal sends at most, over time: a command that floods delays its own picture, not the story. */
const CHARS_A_MS = 64
const SCROLLBACK = 400

/**
 * Frames go out as they are made, whether anybody listens or not: that costs little, and nothing is stored. A terminal of our own is fed
 * with the same frames, so that who comes late sees what who was there sees, full-screen programs included.
 */
export function openLiveTerminal(
  bus: Bus,
  { storyId, runId, cols, rows }: TerminalSize & { storyId: string; runId: string },
): LiveTerminal {
  const terminal = new headless.Terminal({ cols, rows, scrollback: SCROLLBACK, allowProposedApi: true })
  const serializer = new SerializeAddon()
  terminal.loadAddon(serializer)
  const subject = termSubject(bus.source, storyId, runId)
  const asked = onScreenAsked(bus, { storyId, runId }, screen)
  let n = 0
  let waiting = ''
  let leftOut = false
  let timer: NodeJS.Timeout | undefined

  const frame = (data: string, more: Partial<TermFrame> = {}): TermFrame => ({
    ...{ at: new Date().toISOString(), n, cols: terminal.cols, rows: terminal.rows, data, ...more },
  })

  function send(more: Partial<TermFrame> = {}): void {
    const data = leftOut ? `${LEFT_OUT}${waiting.slice(waiting.indexOf('\n') + 1)}` : waiting
    ;[waiting, leftOut, timer] = ['', false, undefined]
    n += 1
    terminal.write(data)
    bus.nc.publish(subject, JSON.stringify(frame(data, more)))
    // Nothing to wait for where nothing was printed since.
    timer = setTimeout(
      () => {
        timer = undefined
        if (waiting) send()
      },
      Math.max(FRAME_MS, data.length / CHARS_A_MS),
    ).unref()
  }

  /** What is still being drawn is drawn before it is read. */
  function screen(): Promise<TermFrame> {
    const at = n
    return new Promise((resolve) =>
      terminal.write('', () => resolve(frame(serializer.serialize(), { n: at, screen: true }))),
    )
  }

  return {
    output(text) {
      waiting += text
      if (waiting.length > MOST_CHARS) {
        waiting = waiting.slice(-MOST_CHARS)
        leftOut = true
      }
      // The first of a burst waits for the rest of it.
      timer ??= setTimeout(send, FIRST_MS).unref()
    },
    resize(newCols, newRows) {
      terminal.resize(newCols, newRows)
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      asked[Symbol.dispose]()
      send({ ended: true })
      clearTimeout(timer)
      terminal.dispose()
    },
  }
}

const FIRST_MS = 10
/** Colours and modes of what is missing do not colour what follows. */
const LEFT_OUT = '\u001b[0m\r\n\u001b[2m… more than can be shown live; the recording has it all …\u001b[0m\r\n'

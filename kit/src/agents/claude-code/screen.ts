/** What stands on the agent's terminal, without secrets: recorded, and shown while it lives. */
import { join } from 'node:path'
import { openCast } from '../../cast.ts'
import type { TerminalSize } from '../../live-terminal.ts'
import { redact } from '../../log.ts'
import { redacting } from '../../redacting.ts'
import type { Run } from '../../run.ts'
import type { Workshop } from '../../workshop.ts'

export type Screen = Disposable & {
  output(text: string): void
  /** A named point of the recording. */
  mark(label: string): void
}

export async function openScreen(
  { run, workshop, title }: { run: Run; workshop: Workshop; title: string },
  size: TerminalSize,
): Promise<Screen> {
  const cast = openCast(join(run.dir, `terminal-${run.attempt}.cast`), { ...size, title })
  const live = await workshop.liveTerminal(size)
  const screen = redacting((text) => {
    cast.output(text)
    live?.output(text)
  })
  return {
    output: screen.add,
    mark: (label) => cast.marker(redact(label)),
    [Symbol.dispose]() {
      screen.flush()
      live?.[Symbol.dispose]()
      cast[Symbol.dispose]()
    },
  }
}

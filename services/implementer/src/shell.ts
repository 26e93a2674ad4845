/** The agent's terminal, opened when it is first used and recorded from then on. */
import { join } from 'node:path'
import { type CastWriter, openCast } from '@sluice/kit/cast.ts'
import type { Jail, JailPolicy } from '@sluice/kit/jail.ts'
import type { Run } from '@sluice/kit/run.ts'
import { openShell, type Shell } from '@sluice/kit/shell.ts'
import type { Workshop } from '@sluice/kit/workshop.ts'

const COLS = 120
const ROWS = 36

export type RecordedShell = AsyncDisposable & {
  open(): Promise<Shell>
  /** An attempt or a parked run before this one had a shell of its own. */
  renewed: boolean
  /** The asciicast of this attempt; null when no command was run. */
  recording(): string | null
  close(): Promise<void>
}

export function recordedShell(
  worktree: string,
  { place, run, workshop }: { place: { jail: Jail; policy: JailPolicy }; run: Run; workshop: Workshop },
): RecordedShell {
  const file = join(run.dir, `terminal-${run.attempt}.cast`)
  let opened: { shell: Promise<Shell>; cast: CastWriter } | null = null

  function open(): Promise<Shell> {
    if (opened) return opened.shell
    const cast = openCast(file, { cols: COLS, rows: ROWS, title: worktree.split('/').at(-1) ?? 'terminal' })
    const shell = openShell({ ...place, cast, cols: COLS, rows: ROWS, onStart: workshop.started })
    opened = { shell, cast }
    return shell
  }

  async function close(): Promise<void> {
    const closing = opened
    opened = null
    if (!closing) return
    await (await closing.shell.catch(() => null))?.[Symbol.asyncDispose]()
    closing.cast[Symbol.dispose]()
  }

  let used = false
  return {
    open: () => {
      used = true
      return open()
    },
    renewed: [...run.earlier, ...run.entries()].filter((entry) => entry.kind === 'started').length > 1,
    recording: () => (used ? file : null),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The agent's terminal, opened when it is first used and recorded from then on. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import { type CastWriter, openCast } from '@sluice/kit/cast.ts'
import type { Jail, JailPolicy } from '@sluice/kit/jail.ts'
import type { Run } from '@sluice/kit/run.ts'
import { openShell, type Shell } from '@sluice/kit/shell.ts'
import type { Workshop } from '@sluice/kit/workshop.ts'

const SIZE = { cols: 120, rows: 36 }
export const CAST_TYPE = 'application/x-asciicast'

export type RecordedShell = AsyncDisposable & {
  open(): Promise<Shell>
  /** An attempt or a parked run before this one had a shell of its own. */
  renewed: boolean
  /** The asciicast of this attempt; null when no command was run. */
  recording(): string | null
  close(): Promise<void>
  /** The build names it: nothing else has to. */
  handedIn(): void
}

export function recordedShell(
  worktree: string,
  {
    place,
    run,
    workshop,
    artifacts,
  }: { place: { jail: Jail; policy: JailPolicy }; run: Run; workshop: Workshop; artifacts: Artifacts },
): RecordedShell {
  const file = join(run.dir, `terminal-${run.attempt}.cast`)
  let opened: { shell: Promise<Shell>; cast: CastWriter; live: Promise<Disposable | null> } | null = null

  function open(): Promise<Shell> {
    if (opened) return opened.shell
    const cast = openCast(file, { ...SIZE, title: worktree.split('/').at(-1) ?? 'terminal' })
    const live = workshop.liveTerminal(SIZE)
    const shell = live.then((live) => openShell({ ...place, cast, live, ...SIZE, onStart: workshop.started }))
    opened = { shell, cast, live }
    return shell
  }

  async function close(): Promise<void> {
    const closing = opened
    opened = null
    if (!closing) return
    await (await closing.shell.catch(() => null))?.[Symbol.asyncDispose]()
    closing.cast[Symbol.dispose]()
    ;(await closing.live)?.[Symbol.dispose]()
  }

  /** What a round that ends without a build showed on its terminal: kept as the build's would have been. */
  async function keep(): Promise<void> {
    await close()
    if (!used || isHandedIn) return
    const recording = await artifacts.put(await readFile(file), { name: 'terminal.cast', mediaType: CAST_TYPE })
    await run.append('note', { type: 'recording', text: 'The terminal up to here is kept.', recording })
  }

  let [used, isHandedIn] = [false, false]
  return {
    open: () => {
      used = true
      return open()
    },
    renewed: [...run.earlier, ...run.entries()].filter((entry) => entry.kind === 'started').length > 1,
    recording: () => (used ? file : null),
    handedIn() {
      isHandedIn = true
    },
    close,
    // Whatever ended the round is what is told: a recording that could not be kept lies on the disk, and is packed with its run.
    [Symbol.asyncDispose]: () => keep().catch(() => undefined),
  }
}

/** Plays a recording on a screen: at any speed, from any moment, from command to command. */
import { type Cast, type CastEvent, sizeOf, withoutIdle } from '@sluice/proto/cast.ts'
import type { Screen } from './screen.ts'

export type Playing = { at: number; length: number; playing: boolean; speed: number; skipIdle: boolean }
export type Command = { at: number; label: string }

export type Player = {
  state(): Playing
  subscribe(changed: () => void): () => void
  /** From the beginning where it has come to its end. */
  play(): void
  pause(): void
  seek(at: number): void
  setSpeed(speed: number): void
  /** The same moment stays shown. */
  setSkipIdle(skip: boolean): void
  commands(): readonly Command[]
  close(): void
}

const TICK_MS = 33
/** A longer pause is shortened to this. */
const IDLE_SECONDS = 1
/** What was printed before that has left the screen: a moment far in is shown as quickly as one near the beginning. */
const MOST_CHARS = 512 * 1024

export function openPlayer(
  cast: Cast,
  screen: Pick<Screen, 'show' | 'clear' | 'resize'>,
  now: () => number = () => performance.now(),
): Player {
  const quick = withoutIdle(cast.events, IDLE_SECONDS)
  let events: readonly CastEvent[] = quick
  let state: Playing = { at: 0, length: lengthOf(quick), playing: false, speed: 1, skipIdle: true }
  /** The first event that is not shown yet. */
  let next = 0
  let last = now()
  let timer: ReturnType<typeof setInterval> | undefined
  const watchers = new Set<() => void>()
  const know = (news: Partial<Playing>) => {
    state = { ...state, ...news }
    for (const changed of watchers) changed()
  }

  function showUpTo(at: number): void {
    const from = next
    while ((events[next]?.at ?? Number.POSITIVE_INFINITY) <= at) next += 1
    show(events.slice(from, next))
  }

  function show(some: readonly CastEvent[]): void {
    let text = ''
    for (const { code, data } of some) {
      if (code === 'o') text += data
      const size = code === 'r' ? sizeOf(data) : null
      if (!size) continue
      screen.show(text)
      text = ''
      screen.resize(size)
    }
    // From the beginning of a line: half an escape sequence would be shown as text.
    screen.show(text.length > MOST_CHARS ? text.slice(text.indexOf('\n', text.length - MOST_CHARS) + 1) : text)
  }

  function seek(to: number): void {
    const at = Math.min(state.length, Math.max(0, to))
    if (at < state.at) {
      next = 0
      screen.clear()
      screen.resize(cast)
    }
    showUpTo(at)
    know({ at })
  }

  function pause(): void {
    clearInterval(timer)
    know({ playing: false })
  }

  function tick(): void {
    const passed = now() - last
    last = now()
    seek(state.at + (passed / 1000) * state.speed)
    if (state.at >= state.length) pause()
  }

  return {
    state: () => state,
    subscribe(changed) {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
    play() {
      clearInterval(timer)
      if (state.at >= state.length) seek(0)
      last = now()
      timer = setInterval(tick, TICK_MS)
      know({ playing: true })
    },
    pause,
    seek,
    setSpeed: (speed) => know({ speed }),
    setSkipIdle(skipIdle) {
      events = skipIdle ? quick : cast.events
      know({ skipIdle, length: lengthOf(events), at: next > 0 ? (events[next - 1]?.at ?? 0) : 0 })
    },
    commands: () => events.flatMap(({ at, code, data }) => (code === 'm' ? [{ at, label: data }] : [])),
    close: () => clearInterval(timer),
  }
}

const lengthOf = (events: readonly CastEvent[]): number => events.at(-1)?.at ?? 0

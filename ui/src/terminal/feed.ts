/** Frames of a running terminal on a screen, none twice and none left out: who misses one asks for all of it. */
import type { TermFrame } from '@sluice/proto/term.ts'
import type { Screen } from './screen.ts'

export type Feed = {
  hear(frame: TermFrame): void
  /** All of the screen anew: at the beginning, and after whatever was missed. */
  renew(): void
}

/** `ask` gives the screen as it is, or null where no terminal is open. */
export function feedOf(screen: Pick<Screen, 'show' | 'clear' | 'resize'>, ask: () => Promise<TermFrame | null>): Feed {
  let n = 0
  let early: TermFrame[] | null = null

  function draw(frame: TermFrame): void {
    if (frame.screen || frame.n === 1) screen.clear()
    screen.resize(frame)
    screen.show(frame.data)
    n = frame.n
  }

  function hear(frame: TermFrame): void {
    if (early) early.push(frame)
    // A new shell counts from one again.
    else if (frame.n === n + 1 || frame.n === 1) draw(frame)
    else if (frame.n > n) renew()
  }

  function renew(): void {
    if (early) return
    early = []
    void ask().then((frame) => {
      const missed = early ?? []
      early = null
      if (frame) draw(frame)
      // A frame the screen holds already is none to draw; a gap asks again.
      for (const one of missed) if (one.n > n || one.n === 1) hear(one)
    })
  }
  return { hear, renew }
}

/** When something stands on the board for the first time, told by the page itself after it was painted. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'

/** Nothing takes longer that is still seen. */
const PATIENCE_MS = 5_000

/** Runs in the page, as text: this workspace knows no DOM. */
const watching = `
  window.seenOnBoard = {}
  const look = () => {
    for (const [shown] of document.querySelector('.board').textContent.matchAll(/of \\$\\d+\\.\\d\\d/g))
      window.seenOnBoard[shown] ??= performance.timeOrigin + performance.now()
  }
  // The frame after the change is the one in which it is seen.
  new MutationObserver(() => requestAnimationFrame(look)).observe(document.body, {
    subtree: true, childList: true, characterData: true,
  })`

export async function watchBoard(page: Page) {
  await page.evaluate(watching)
  const read = async () => new Map(Object.entries(await page.evaluate<Record<string, number>>('window.seenOnBoard')))
  return {
    /** Those that were seen, with the moment. */
    async seen(wanted: readonly string[]): Promise<ReadonlyMap<string, number>> {
      for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await delay(200)) {
        const now = await read()
        if (wanted.every((one) => now.has(one))) return now
      }
      return read()
    },
  }
}

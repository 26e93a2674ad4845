/** The bundle of a design: the page, its pictures at every width and state, its regions, under one digest. */
import { createHash } from 'node:crypto'
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import type { Browser, Viewport } from '@sluice/kit/browser.ts'
import { inState } from '@sluice/kit/page-state.ts'
import type { DesignBundle } from '@sluice/proto/parts.ts'

/** CSS pixels. */
export const viewports: readonly Viewport[] = [
  { name: 'desktop', width: 1280, height: 800, colorScheme: 'light' },
  { name: 'desktop-dark', width: 1280, height: 800, colorScheme: 'dark' },
  { name: 'phone', width: 390, height: 844, colorScheme: 'light' },
]

type Shot = { state: string; viewport: Viewport; png: Buffer }

export async function renderAll(browser: Browser, html: string, states: string[]): Promise<Shot[]> {
  const shots: Shot[] = []
  for (const [i, state] of states.entries()) {
    // Dark is shown once: what it changes is colours, not what is there.
    const wanted = viewports.filter((v) => i === 0 || v.colorScheme !== 'dark')
    const rendered = await browser.render({ html: inState(html, state), viewports: wanted })
    shots.push(...rendered.map(({ viewport, png }) => ({ state, viewport, png })))
  }
  return shots
}

/** The states that some rule or element of the page names. */
export const stateNames = (html: string): Set<string> =>
  new Set([...html.matchAll(/data-state\s*[~|^$*]?=\s*["']?([a-z][a-z0-9-]*)/gi)].map((m) => m[1] ?? ''))

export async function bundleOf(made: {
  html: string
  pictures: Shot[]
  regions: DesignBundle['regions']
  artifacts: Artifacts
}): Promise<DesignBundle> {
  const { artifacts, regions } = made
  const html = await artifacts.put(made.html, { name: 'mockup.html', mediaType: 'text/html' })
  const pictures = await Promise.all(
    made.pictures.map(async ({ state, viewport, png }) => {
      const artifact = await artifacts.put(png, { name: `${viewport.name}-${state}.png`, mediaType: 'image/png' })
      return { artifact, viewport: viewport.name, width: viewport.width, height: viewport.height, state }
    }),
  )
  const covered = [html.sha256, pictures.map((p) => [p.viewport, p.state, p.artifact.sha256]), regions]
  return { digest: createHash('sha256').update(JSON.stringify(covered)).digest('hex'), html, pictures, regions }
}

/** What a person approves is one digest: it changes with everything they saw, and with nothing else. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { artifactStore } from '@sluice/kit/artifacts.ts'
import type { DesignBundle } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { bundleOf, stateNames, viewports } from './bundle.ts'

const shown = {
  html: '<p>mockup</p>',
  pictures: viewports.map((viewport) => ({ state: 'full', viewport, png: Buffer.from(`as on ${viewport.name}`) })),
  regions: [{ id: 'list', criteria: ['C1'], what: 'The list' }],
}
const [first, ...others] = shown.pictures

test('the same page, pictures and regions are the same digest', async () => {
  await using store = await openStore()

  expect((await store.bundle(shown)).digest).toBe((await store.bundle(shown)).digest)
})

test.for<[string, typeof shown]>([
  ['a byte of the page', { ...shown, html: '<p>mockup!</p>' }],
  ['a byte of a picture', { ...shown, pictures: [{ ...first, png: Buffer.from('other') } as never, ...others] }],
  ['a picture left out', { ...shown, pictures: others }],
  ['the state of a picture', { ...shown, pictures: [{ ...first, state: 'empty' } as never, ...others] }],
  ['a region', { ...shown, regions: [{ id: 'list', criteria: ['C2'], what: 'The list' }] }],
])('%s is another digest', async ([, change]) => {
  await using store = await openStore()

  expect((await store.bundle(change)).digest).not.toBe((await store.bundle(shown)).digest)
})

test('states are those that a rule or an element names', () => {
  const html = `<style>html[data-state="empty"] p, [data-state='error'] {}</style><html data-state=full>`

  expect([...stateNames(html)].sort()).toEqual(['empty', 'error', 'full'])
})

async function openStore() {
  const dir = await mkdtemp(join(tmpdir(), 'slc-bundle-'))
  const artifacts = artifactStore(dir)
  return {
    bundle: (made: typeof shown): Promise<DesignBundle> => bundleOf({ ...made, artifacts }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  }
}

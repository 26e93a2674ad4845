/** Content of a conversation in the journal: it fits into an entry, and comes back as it was. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { artifactStore } from '../artifacts.ts'
import { restorer, store } from './stored.ts'

/** RUN takes no larger message. */
const LARGEST_ENTRY_BYTES = 256_000

test.each([
  ['one large block', [600_000]],
  ['many blocks', Array<number>(30).fill(20_000)],
  ['very many small blocks', Array<number>(400).fill(1_500)],
])('%s fit into one entry and come back', async (_, sizes) => {
  const dir = await mkdtemp(join(tmpdir(), 'slc-stored-'))
  await using _dir = { [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) }
  const artifacts = artifactStore(dir)
  const blocks = sizes.map((size, i) => ({ type: 'text', text: `${i} ${'x'.repeat(size)}` }))

  const stored = await store(blocks, artifacts)

  expect(Buffer.byteLength(JSON.stringify(stored))).toBeLessThan(LARGEST_ENTRY_BYTES)
  expect(await restorer(artifacts)(stored)).toEqual(blocks)
})

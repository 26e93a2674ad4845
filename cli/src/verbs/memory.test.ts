/** Memory from the command line, against a page that answers. */
import type { MemoryEntryView } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { startWeb } from '../testing/web.ts'

const entry: MemoryEntryView = {
  ...{ entry: `commit-${'a'.repeat(40)}`, origin: 'history', storyId: null, title: 'Keep drafts', summary: 'On disk.' },
  ...{ files: ['src/drafts.ts'], commit: 'a'.repeat(40), at: '2026-01-01T00:00:00Z', pinned: true, edited: true },
  ...{ reverted: 'b'.repeat(40), forgotten: false, recorded: { title: 'Drafts', summary: 'In memory.' } },
  from: [{ kind: 'commit', id: 'a'.repeat(40), what: 'commit', at: '2026-01-01T00:00:00Z' }],
}

test('search says what is from history, pinned, edited and reverted; of nothing it says so', async () => {
  await using web = await startWeb()
  const none = await sluice(['memory', 'search', 'drafts'], { data: web.data })
  web.answers.memory = [entry]

  const { stdout } = await sluice(['memory', 'search', 'drafts'], { data: web.data })

  expect(none.stdout).toContain('Nothing that was done before speaks of that.')
  expect(stdout).toBe(
    `Keep drafts  · from history, not a story  · pinned  · edited  · reverted by bbbbbbbbbbbb\n  ${entry.entry}\n  src/drafts.ts\n`,
  )
})

test('show tells what was recorded, and where it came from', async () => {
  await using web = await startWeb()
  web.answers.memory = [entry]

  const { stdout } = await sluice(['memory', 'show', 'aaaaaaa'], { data: web.data })

  expect(stdout).toContain('As it was recorded\n  Drafts\n  In memory.')
  expect(stdout).toMatch(/2026-01-01 00:00 {2}commit {2}commit {2}a{40}/)
})

test.for([
  [['pin'], 'pin', { pinned: true }],
  [['pin', '--undo'], 'pin', { pinned: false }],
  [['forget'], 'forget', { forgotten: true }],
  [['forget', '--undo'], 'forget', { forgotten: false }],
  [['edit', '--title', 'Letters'], 'edit', { title: 'Letters' }],
  [['edit', '--as-recorded'], 'edit', { title: null, text: null }],
] as const)('%j is sent as %s of %j', async ([[verb, ...options], path, body]) => {
  await using web = await startWeb()
  web.answers.memory = [entry]

  const { code } = await sluice(['memory', verb, 'aaaaaaa', ...options], { data: web.data })

  expect([code, web.told]).toMatchObject([0, [{ path: `/api/memory/${entry.entry}/${path}`, body }]])
})

test('an edit that changes nothing is refused before anything is sent', async () => {
  await using web = await startWeb()

  const { code, stderr } = await sluice(['memory', 'edit', 'x'], { data: web.data })

  expect([code, stderr, web.told]).toEqual([2, expect.stringContaining('--title or --text'), []])
})

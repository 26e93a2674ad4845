/** `sluice gc` against a page that answers: it shows first, and takes away only when told to. */
import type { DiskEntry } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { startWeb } from '../testing/web.ts'

const entry = (name: string, more: Partial<DiskEntry> = {}): DiskEntry => ({
  ...{ kind: 'worktree', name, bytes: 48_000_000, storyId: name, goes: true, why: 'Its story has ended.' },
  ...more,
})
const disk = [entry('s1'), entry('s2'), entry('s3', { goes: false, why: 'Its story is at work.' })]

test('shows what could go, how much and why, and takes nothing away', async () => {
  await using web = await startWeb()
  web.answers.disk = disk

  const { code, stdout } = await sluice(['gc'], { data: web.data })

  expect(code).toBe(0)
  expect(stdout).toContain('goes   worktree  s1    48.0 MB  Its story has ended.')
  expect(stdout).toContain('stays  worktree  s3    48.0 MB  Its story is at work.')
  expect(stdout).toContain('2 may go, 96.0 MB of 144.0 MB in /data: sluice gc --yes')
  expect(web.told).toEqual([])
})

test('with --yes it goes, and what turned out to be in use is named', async () => {
  await using web = await startWeb()
  web.answers.disk = disk

  const { code, stdout } = await sluice(['gc', 'worktree', '--yes', '--now', '--archives', '30'], { data: web.data })

  expect(web.told).toMatchObject([
    { method: 'POST', path: '/api/disk/clear', body: { kinds: ['worktree'], now: true, archives: 30 } },
  ])
  expect(stdout).toBe('worktree s1: gone, 48.0 MB.\nworktree s2 stays: zsh (process 7) is in it.\n48.0 MB are free.\n')
  expect(code).toBe(1)
})

test('programs get what a person is shown', async () => {
  await using web = await startWeb()
  web.answers.disk = disk

  const looked = await sluice(['gc', '--json'], { data: web.data })
  const others = await sluice(['gc', 'refs', '--json'], { data: web.data })
  const cleared = await sluice(['gc', '--yes', '--json'], { data: web.data })

  expect(JSON.parse(looked.stdout).entries).toEqual(disk)
  expect(JSON.parse(others.stdout).entries).toEqual([])
  expect(JSON.parse(cleared.stdout)).toMatchObject({
    bytes: 48_000_000,
    removed: [{ name: 's1' }],
    stayed: [{ name: 's2' }],
  })
})

test('an empty disk is said to be one; a kind that is none, and days that are none, are refused', async () => {
  await using web = await startWeb()

  const none = await sluice(['gc'], { data: web.data })
  const kind = await sluice(['gc', 'worktrees'], { data: web.data })
  const days = await sluice(['gc', '--archives', 'many'], { data: web.data })

  expect(none.stdout).toBe('Nothing lies in /data that would be looked after.\n')
  expect([kind.code, kind.stderr]).toEqual([
    2,
    expect.stringContaining('There is no kind `worktrees`: there are worktree, archive,'),
  ])
  expect([days.code, days.stderr]).toEqual([2, expect.stringContaining('many is no number of days.')])
})

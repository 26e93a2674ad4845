/** What the dead left in the temporary directory goes, what the living use stays. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeShortTemp, shortTempBase, sweepTemp } from './short-temp.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'short-'))
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const dead = spawnSync(process.execPath, ['--version']).pid
const days = (n: number) => Date.now() + n * 24 * 3_600_000

test('a directory whose process is gone since a day is swept, and nothing else', () => {
  const mine = makeShortTemp(base)
  for (const name of [`slc-${dead}-abcdef`, 'slc-notes', `slc-${dead}-longer-name`]) mkdirSync(join(base, name))

  expect(sweepTemp(base)).toEqual([])
  expect(sweepTemp(base, days(2))).toEqual([`slc-${dead}-abcdef`])
  expect(readdirSync(base).map((name) => join(base, name))).toContain(mine)
})

test('where the temporary directory’s own path is long, sockets get a shorter one', () => {
  expect(shortTempBase('/tmp')).toBe('/tmp')
  expect(shortTempBase('/private/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T')).toBe('/tmp')
})

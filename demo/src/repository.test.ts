import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDemoRepository } from './repository.ts'

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'demo-repository-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return join(dir, 'corkboard')
}

const git = (dir: string, ...args: string[]) => execFileSync('git', args, { cwd: dir, encoding: 'utf8' }).trim()

test('the app is one commit on main, clean, by the demo itself', async () => {
  const dir = folder()

  await makeDemoRepository(dir)

  expect(git(dir, 'log', '--format=%an <%ae> %D')).toBe('Sluice Demo <demo@sluice.invalid> HEAD -> main')
  expect(git(dir, 'status', '--porcelain')).toBe('')
  expect(git(dir, 'ls-files').split('\n')).toEqual(
    expect.arrayContaining(['sluice.yaml', 'package-lock.json', 'src/app.ts', '.gitignore']),
  )
  expect(existsSync(join(dir, 'node_modules'))).toBe(false)
})

test('made again, what happened since is kept', async () => {
  const dir = folder()
  await makeDemoRepository(dir)
  writeFileSync(join(dir, 'README.md'), 'mine')
  git(dir, 'commit', '--all', '--message', 'Mine')

  await makeDemoRepository(dir)

  expect(readFileSync(join(dir, 'README.md'), 'utf8')).toBe('mine')
  expect(git(dir, 'log', '--format=%s')).toBe('Mine\nPin up the board')
})

test('one that was cut short before its commit is finished', async () => {
  const dir = folder()
  await makeDemoRepository(dir)
  git(dir, 'update-ref', '-d', 'HEAD')

  await makeDemoRepository(dir)

  expect(git(dir, 'log', '--format=%s')).toBe('Pin up the board')
})

test('the lock file names no registry', async () => {
  const dir = folder()
  await makeDemoRepository(dir)

  expect(readFileSync(join(dir, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved"/)
})

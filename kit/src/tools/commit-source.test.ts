/** What a role sees of a commit: that commit alone, whatever lies in the working tree. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commitOf, openRepository } from '../repository.ts'
import { readingTools } from './reading.ts'
import { commitSource } from './source.ts'

async function repository() {
  const dir = await mkdtemp(join(tmpdir(), 'slc-commit-'))
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=P', '-c', 'user.email=p@example.org', ...args], { cwd: dir })
  git('init', '-q', '-b', 'main')
  await mkdir(join(dir, 'src'))
  await writeFile(join(dir, 'src/ä b.ts'), 'export const key = 1\n')
  await writeFile(join(dir, 'empty'), '')
  await symlink('/etc/passwd', join(dir, 'link'))
  git('add', '-A')
  git('commit', '-q', '-m', 'Begin')
  await writeFile(join(dir, 'src/later.ts'), 'key\n')
  const repo = await openRepository(dir)
  const source = commitSource(repo, await commitOf(repo, 'main'))
  return { dir, source, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) }
}

test('lists, reads and searches the files of the commit', async () => {
  await using repo = await repository()
  const [, , grep] = readingTools(repo.source)

  const found = await grep?.run(
    { pattern: 'KEY', ignoreCase: true },
    { callId: 'c', signal: new AbortController().signal },
  )

  expect(await repo.source.list()).toEqual(['empty', 'link', 'src/ä b.ts'])
  expect(String(await repo.source.read('src/ä b.ts'))).toBe('export const key = 1\n')
  expect(found?.content).toEqual([{ type: 'text', text: 'src/ä b.ts:1:export const key = 1' }])
})

test('a link is its own text, and what is not in the commit is not there', async () => {
  await using repo = await repository()

  expect(String(await repo.source.read('link'))).toBe('/etc/passwd')
  for (const path of ['src/later.ts', '../x', '.git/config', 'src', '/etc/passwd'])
    await expect(repo.source.read(path)).rejects.toThrow('There is no file')
})

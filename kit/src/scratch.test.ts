import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchCheckout } from './scratch.ts'
import { testRepository } from './testing/repository.ts'

test('holds exactly the commit, is a git checkout of it, and is gone afterwards', async () => {
  await using repository = await testRepository()
  const commit = await repository.commit({ 'src/a': 'a\n' })
  await repository.commit({ 'src/a': 'later\n' })
  const dir = join(repository.dir, 'checks')
  await repository.write({ stale: 'of a run that was killed' }, dir)
  const opened = await repository.open()

  {
    await using scratch = await scratchCheckout({ repository: opened, commit, dir })

    expect(await readFile(join(dir, 'src/a'), 'utf8')).toBe('a\n')
    expect(existsSync(join(dir, 'stale'))).toBe(false)
    expect(repository.git(['status', '--porcelain'], dir)).toBe('')
    expect(repository.git(['rev-parse', 'HEAD', 'HEAD^{tree}'], dir).trim().split('\n')).toEqual([commit, scratch.tree])
  }

  expect(existsSync(dir)).toBe(false)
  expect(repository.git(['worktree', 'list']).trim().split('\n')).toHaveLength(1)
})

test('what is done to its git reaches nobody', async () => {
  await using repository = await testRepository()
  const commit = await repository.commit({ a: 'a\n' })
  await using scratch = await scratchCheckout({
    repository: await repository.open(),
    commit,
    dir: join(repository.dir, 'checks'),
  })

  repository.git(['config', 'core.fsmonitor', '/evil'], scratch.dir)
  repository.git(['branch', 'evil'], scratch.dir)

  expect(repository.git(['branch', '--list']).trim()).toBe('* main')
  expect(repository.git(['config', '--list'])).not.toContain('evil')
})

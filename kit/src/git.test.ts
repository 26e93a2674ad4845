/** What a repository or a tree may try in order to have git run its code: each works with plain git, and not with ours. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { commitAll } from './changes.ts'
import { diffOf } from './diff.ts'
import { gitText } from './git.ts'
import { land } from './land.ts'
import { rebase } from './rebase.ts'
import { scratchCheckout } from './scratch.ts'
import { type TestRepository, testRepository } from './testing/repository.ts'
import { makeWorktree, type Worktree } from './worktree.ts'

const author = { name: 'Ada', email: 'ada@example.org' }

/** A program that leaves a mark when it is run. */
async function trap(repository: TestRepository, then = 'cat') {
  const mark = join(repository.dir, 'ran')
  const program = join(repository.dir, 'trap')
  await writeFile(program, `#!/bin/sh\ntouch ${mark}\n${then}\n`)
  await chmod(program, 0o755)
  return {
    program,
    sprung: async () => {
      const ran = existsSync(mark)
      await rm(mark, { force: true })
      return ran
    },
  }
}

/** Everything Sluice does with a story's tree, from worktree to merge. */
async function wholeLife(repository: TestRepository, base: string): Promise<Worktree> {
  const opened = await repository.open()
  const worktree = await makeWorktree({
    repository: opened,
    dir: join(repository.dir, 'story'),
    branch: 'sluice/story',
    base,
  })
  await repository.write({ 'a.txt': 'changed\n', 'new.txt': 'new\n' }, worktree.dir)
  const done = await commitAll(worktree, { message: 'Story', author, expectedTip: base })
  if ('nothing' in done) throw new Error('nothing was committed')
  await diffOf(opened, base, done.commit)
  await using _scratch = await scratchCheckout({
    repository: opened,
    commit: done.commit,
    dir: join(repository.dir, 'scratch'),
  })
  const put = await rebase({ repository: opened, base, tip: done.commit, onto: await opened.head('main') })
  if (!('commit' in put)) throw new Error('did not rebase')
  await land({ repository: opened, branch: 'main', from: base, to: put.commit })
  return worktree
}

test('a hook never runs, whatever is done with a story', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ 'a.txt': 'a\n' })
  const { program, sprung } = await trap(repository, 'exit 0')
  for (const hook of [
    'post-checkout',
    'pre-commit',
    'post-commit',
    'post-merge',
    'reference-transaction',
    'post-index-change',
  ]) {
    repository.git(['config', 'core.hooksPath', join(repository.dir, 'hooks')])
    await repository.write({ [hook]: `#!/bin/sh\nexec ${program}\n` }, join(repository.dir, 'hooks'))
    await chmod(join(repository.dir, 'hooks', hook), 0o755)
  }
  repository.git(['worktree', 'add', '--quiet', '--detach', '../plain'])
  expect(await sprung()).toBe(true)

  await wholeLife(repository, base)

  expect(await sprung()).toBe(false)
  expect(repository.git(['log', '-1', '--format=%s']).trim()).toBe('Story')
})

test('a configured fsmonitor never runs', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ 'a.txt': 'a\n' })
  const { program, sprung } = await trap(repository)
  repository.git(['config', 'core.fsmonitor', program])
  repository.git(['status'])
  expect(await sprung()).toBe(true)

  await wholeLife(repository, base)

  expect(await sprung()).toBe(false)
})

test('filters, diff, textconv and merge drivers that a tree asks for never run in a tree an agent wrote', async () => {
  await using repository = await testRepository()
  const { program, sprung } = await trap(repository)
  const base = await repository.commit({ 'a.txt': 'a\n', '.gitattributes': '*.txt filter=x diff=x merge=x\n' })
  for (const key of [
    'filter.x.clean',
    'filter.x.smudge',
    'diff.x.textconv',
    'diff.x.command',
    'merge.x.driver',
    'diff.external',
  ]) {
    repository.git(['config', key, program])
  }
  await repository.write({ 'a.txt': 'other\n' })
  repository.git(['add', 'a.txt'])
  expect(await sprung()).toBe(true)
  repository.git(['diff', 'HEAD'])
  expect(await sprung()).toBe(true)
  repository.git(['checkout', '--quiet', '--detach'])
  repository.git(['reset', '--quiet', '--hard'])
  await sprung()

  await wholeLife(repository, base)

  expect(await sprung()).toBe(false)
})

test('a replaced .git file sends git nowhere, and is refused by name', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ 'a.txt': 'a\n' })
  const { program, sprung } = await trap(repository)
  const worktree = await wholeLife(repository, base)
  const evil = join(worktree.dir, 'lib')
  repository.git(['init', '--quiet', '--bare', evil])
  repository.git(['--git-dir', evil, 'config', 'core.bare', 'false'])
  repository.git(['--git-dir', evil, 'config', 'core.fsmonitor', program])
  await writeFile(join(worktree.dir, '.git'), `gitdir: ${evil}\n`)
  repository.git(['status'], worktree.dir)
  expect(await sprung()).toBe(true)

  const committed = commitAll(worktree, {
    message: 'More',
    author,
    expectedTip: await worktree.repository.head('sluice/story'),
  })

  await expect(committed).rejects.toThrow(/repository of its own at \.git/)
  const again = await makeWorktree({ ...worktree })
  expect(again.gitDir).toBe(worktree.gitDir)
  expect(await sprung()).toBe(false)
})

test('a nested repository with a filter runs nothing, and is refused by name', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ 'a.txt': 'a\n' })
  const { program, sprung } = await trap(repository)
  const worktree = await wholeLife(repository, base)
  const nested = join(worktree.dir, 'src', 'nested')
  repository.git(['init', '--quiet', nested])
  await repository.write({ '.gitattributes': '* filter=x\n', 'n.txt': 'n\n' }, nested)
  repository.git(['add', '-A'], nested)
  repository.git(['-c', 'user.name=x', '-c', 'user.email=x', 'commit', '--quiet', '-m', 'n'], nested)
  repository.git(['config', 'filter.x.clean', program], nested)
  // Explicit directories and hooks off are not enough: this is how it got out.
  const careful = [
    '--git-dir',
    worktree.gitDir,
    '--work-tree',
    worktree.dir,
    '-c',
    'core.hooksPath=/dev/null',
    '-c',
    'core.fsmonitor=false',
  ]
  repository.git([...careful, 'add', '-A'], worktree.dir)
  await repository.write({ 'n.txt': 'm\n' }, nested)
  repository.git([...careful, 'status'], worktree.dir)
  expect(await sprung()).toBe(true)

  const committed = commitAll(worktree, {
    message: 'More',
    author,
    expectedTip: await worktree.repository.head('sluice/story'),
  })

  await expect(committed).rejects.toThrow('src/nested/.git')
  expect(await sprung()).toBe(false)
})

/** A repository whose configuration, over an include, starts the trap whenever git looks at its files. */
async function evilRepository(repository: TestRepository, at: string, program: string): Promise<void> {
  repository.git(['init', '--quiet', at])
  await repository.write({ 'inner.txt': 'i\n', 'included-config': `[core]\n\tfsmonitor = ${program}\n` }, at)
  repository.git(['-c', 'user.name=x', '-c', 'user.email=x', 'add', '-A'], at)
  repository.git(['-c', 'user.name=x', '-c', 'user.email=x', 'commit', '--quiet', '-m', 'x'], at)
  repository.git(['config', 'include.path', '../included-config'], at)
}

const planted: Record<string, (at: { repository: TestRepository; dir: string; program: string }) => Promise<string>> = {
  'a link in place of the .git file': async ({ repository, dir, program }) => {
    const evil = join(repository.dir, 'evil')
    await evilRepository(repository, evil, program)
    await rm(join(dir, '.git'))
    await symlink(join(evil, '.git'), join(dir, '.git'))
    return '.git'
  },
  'a directory in place of the .git file, its config including another': async ({ repository, dir, program }) => {
    const evil = join(dir, 'evil')
    await evilRepository(repository, evil, program)
    await rm(join(dir, '.git'))
    await rename(join(evil, '.git'), join(dir, '.git'))
    await rename(join(evil, 'included-config'), join(dir, 'included-config'))
    return '.git'
  },
  'a submodule that base does not know': async ({ repository, dir, program }) => {
    await evilRepository(repository, join(dir, 'sub'), program)
    await repository.write({ '.gitmodules': '[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n' }, dir)
    repository.git(['add', 'sub', '.gitmodules'], dir)
    return 'sub/.git'
  },
}

test.for(Object.entries(planted))(
  '%s starts a program with plain git, and with ours is refused by name',
  async ([, plant]) => {
    await using repository = await testRepository()
    const base = await repository.commit({ 'a.txt': 'a\n' })
    const { program, sprung } = await trap(repository)
    const worktree = await wholeLife(repository, base)
    const expectedTip = await worktree.repository.head('sluice/story')
    const name = await plant({ repository, dir: worktree.dir, program })
    await sprung()
    repository.git(['status'], worktree.dir)
    expect(await sprung()).toBe(true)

    const committed = commitAll(worktree, { message: 'More', author, expectedTip })

    await expect(committed).rejects.toThrow(`repository of its own at ${name}`)
    expect(await sprung()).toBe(false)
  },
)

test('objects that a tree borrows from another repository of the person are read with plain git, and not with ours', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ 'a.txt': 'a\n' })
  const other = join(repository.dir, 'other')
  repository.git(['init', '--quiet', other])
  await repository.write({ key: 'of the person\n' }, other)
  const secret = repository.git(['hash-object', '-w', 'key'], other).trim()
  const worktree = await wholeLife(repository, base)
  const expectedTip = await worktree.repository.head('sluice/story')
  await rm(join(worktree.dir, '.git'))
  repository.git(['init', '--quiet', worktree.dir])
  const borrowed = { '.git/objects/info/alternates': `${join(other, '.git', 'objects')}\n` }
  await repository.write(borrowed, worktree.dir)
  expect(repository.git(['cat-file', 'blob', secret], worktree.dir)).toBe('of the person\n')

  await expect(gitText(worktree.repository.view, ['cat-file', 'blob', secret])).rejects.toThrow('bad file')
  await expect(commitAll(worktree, { message: 'More', author, expectedTip })).rejects.toThrow('of its own at .git')
})

test('nothing of the caller’s environment reaches git', async () => {
  await using repository = await testRepository()
  await repository.commit({ 'a.txt': 'a\n' })
  const before = { ...process.env }
  Object.assign(process.env, {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'user.name',
    GIT_CONFIG_VALUE_0: 'Mallory',
    GIT_INDEX_FILE: '/nowhere',
  })

  const at = { gitDir: join(repository.root, '.git') }
  const name = await gitText(at, ['config', 'user.name']).finally(() => {
    process.env = before
  })

  expect(name).toBe('Ada')
})

test('a detached git goes on to its end when we are killed, also with something to say', async () => {
  await using repository = await testRepository()
  await repository.commit({ 'a.txt': 'a\n' })
  const at = (name: string) => join(repository.dir, name)
  const alias = `!touch ${at('begun')}; while ! test -e ${at('go')}; do :; done; echo words >&2; touch ${at('done')}`
  const script = `
    const { git } = await import(${JSON.stringify(new URL('git.ts', import.meta.url).href)})
    await git({ gitDir: '${repository.root}/.git' }, ['-c', ${JSON.stringify(`alias.x=${alias}`)}, 'x'], { detached: true })`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { detached: true })
  while (!existsSync(at('begun'))) await turn()

  process.kill(-(parent.pid ?? 0), 'SIGKILL')
  await once(parent, 'exit')
  await writeFile(at('go'), '')

  await expect.poll(() => existsSync(at('done')), { timeout: 5_000 }).toBe(true)
})

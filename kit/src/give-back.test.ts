/** A worktree goes only when nothing in it can be lost and nobody is in it, whatever dies half way. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { extract } from 'tar'
import { expect, test } from 'vitest'
import { archiveFile, archiveList } from './archive-ignored.ts'
import { commitAll } from './changes.ts'
import { type GivingBack, giveBack, type Proof, type Step, steps } from './give-back.ts'
import { spawnJailed } from './jail.ts'
import { diskTime, writePrepared } from './prepared.ts'
import { findOnPath } from './testing/find.ts'
import { type TestRepository, testRepository } from './testing/repository.ts'
import { makeWorktree, type Worktree } from './worktree.ts'
import { holdWorktree } from './worktree-hold.ts'

const author = { name: 'Ada', email: 'ada@example.org' }

test('what is committed goes at once, and its branch stays', async () => {
  await using at = await world()
  await at.write({ a: 'work\n' })
  await commitAll(at.worktree, { message: 'Work', author, expectedTip: at.worktree.base })

  expect(await at.giveBack()).toMatchObject({ removed: true })
  expect(await at.giveBack()).toEqual({ removed: true, proof: null })

  expect(await readdir(join(at.repo.dir, 'worktrees'))).toEqual([])
  expect(at.repo.git(['worktree', 'list']).trim().split('\n')).toHaveLength(1)
  expect(at.repo.git(['branch', '--list', 'sluice/s1'])).toContain('sluice/s1')
  expect(at.said).toHaveLength(1)
})

test('every byte that is in no commit yet is in one when it goes: changed, new, oddly named, a link, an empty file', async () => {
  await using at = await world()
  const files = { a: 'changed\n', 'd/new\nline.txt': 'new\n', 'ü "x"': 'odd\n', empty: '', '-rf': 'dash\n' }
  await at.write(files)
  await symlink('/etc/passwd', join(at.dir, 'out'))
  await chmod(join(at.dir, 'a'), 0o444)
  await mkdir(join(at.dir, 'locked'))
  await at.write({ 'locked/b': 'b\n' })
  await chmod(join(at.dir, 'locked'), 0o555)

  const back = await at.giveBack()

  expect(back).toMatchObject({ removed: true })
  expect(existsSync(at.dir)).toBe(false)
  for (const [path, text] of Object.entries({ ...files, 'locked/b': 'b\n', out: '/etc/passwd' }))
    expect(at.repo.git(['show', `refs/sluice/s1/final:${path}`])).toBe(text)
  const [proof] = at.said
  expect(proof?.tree).toBe(at.repo.git(['rev-parse', 'refs/sluice/s1/final^{tree}']).trim())
  expect(proof?.kept.map(({ ref }) => ref)).toEqual(['refs/heads/sluice/s1', 'refs/sluice/s1/final'])
  expect(existsSync('/etc/passwd')).toBe(true)
})

test('what a person staged and changed again stays reachable, both ways', async () => {
  await using at = await world()
  await at.write({ staged: 'once\n' })
  at.repo.git(['add', 'staged'], at.dir)
  await at.write({ staged: 'twice\n' })

  expect(await at.giveBack()).toMatchObject({ removed: true })

  expect(at.repo.git(['show', 'refs/sluice/s1/final:staged'])).toBe('twice\n')
  expect(at.repo.git(['show', 'refs/sluice/s1/index:staged'])).toBe('once\n')
})

test('a commit that a person made there beside the branch stays reachable', async () => {
  await using at = await world()
  at.repo.git(['checkout', '--quiet', '--detach'], at.dir)
  at.repo.git(['commit', '--quiet', '--allow-empty', '-m', 'Mine'], at.dir)
  const mine = at.repo.git(['rev-parse', 'HEAD'], at.dir).trim()

  expect(await at.giveBack()).toMatchObject({ removed: true })

  expect(at.repo.git(['rev-parse', 'refs/sluice/s1/head']).trim()).toBe(mine)
})

test('what git ignores is archived, except what set-up made; a name may hold anything', async () => {
  await using at = await world({ '.gitignore': 'out\nnode_modules\n*.log\n' })
  await at.write({ 'node_modules/left/index.js': 'left\n', 'node_modules/.cache/x': 'x\n' })
  await writePrepared(at.dir, { wanted: 'w', spans: [{ from: 0, to: await diskTime(at.dir) }] })
  await at.write({ 'out/built\nhere.js': 'built\n', '@odd.log': 'log\n', 'node_modules/.cache/x': 'changed\n' })
  await symlink('built', join(at.dir, 'out', 'link'))

  expect(await at.giveBack()).toMatchObject({ removed: true, proof: { archived: { files: 4 } } })

  const room = await mkdtemp(join(at.repo.dir, 'room-'))
  await extract({ file: archiveFile(at.dir), cwd: room })
  expect(await readFile(join(room, 'out/built\nhere.js'), 'utf8')).toBe('built\n')
  expect(await readFile(join(room, '@odd.log'), 'utf8')).toBe('log\n')
  expect(await readFile(join(room, 'node_modules/.cache/x'), 'utf8')).toBe('changed\n')
  expect(existsSync(join(room, 'node_modules/left'))).toBe(false)
  const held = JSON.parse(await readFile(archiveList(at.dir), 'utf8')).holds.map(({ path }: { path: string }) => path)
  expect(held).toEqual(['@odd.log', 'node_modules/.cache/x', 'out/built\nhere.js', 'out/link'])
})

test('a repository that lies in an ignored place is archived with its history', async () => {
  await using at = await world({ '.gitignore': 'vendor\n' })
  at.repo.git(['init', '--quiet', 'vendor/inner'], at.dir)
  await at.write({ 'vendor/inner/x': 'x\n' })

  expect(await at.giveBack()).toMatchObject({ removed: true })

  const held: { path: string }[] = JSON.parse(await readFile(archiveList(at.dir), 'utf8')).holds
  expect(held.map(({ path }) => path)).toEqual(expect.arrayContaining(['vendor/inner/x', 'vendor/inner/.git/HEAD']))
})

test.each<[string, (at: World) => unknown, RegExp]>([
  [
    'a repository inside it',
    (at) => at.repo.git(['init', '--quiet', 'inner'], at.dir),
    /a git repository of its own at inner/,
  ],
  [
    'more ignored bytes than are archived',
    (at) => at.write({ 'big.log': Buffer.alloc(2_000_000) }),
    /the largest is big\.log/,
  ],
  [
    'the person’s own lock',
    (at) => at.repo.git(['worktree', 'lock', '--reason', 'still mine', at.dir]),
    /locked: still mine/,
  ],
  [
    'a merge half done',
    (at) => writeFile(join(at.worktree.gitDir, 'MERGE_HEAD'), at.worktree.base),
    /A merge is under way/,
  ],
  ['a replaced .git', (at) => at.write({ '.git': 'gitdir: /tmp/evil\n' }), /a git repository of its own at \.git/],
])('stays and says why: %s', async (_, make, why) => {
  await using at = await world({ '.gitignore': '*.log\n' })
  await at.write({ 'kept.txt': 'kept\n' })
  await make(at)

  expect(await at.giveBack({ archiveMb: 1 })).toEqual({ removed: false, why: expect.stringMatching(why) })

  expect(await readFile(join(at.dir, 'kept.txt'), 'utf8')).toBe('kept\n')
})

test('stays while a person stands in it, or has a file of it open', async () => {
  await using at = await world()
  for (const command of [
    `cd '${at.dir}' && echo in && exec sleep 60`,
    `exec 3< '${at.dir}/a' && echo in && exec sleep 60`,
  ]) {
    const theirs = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(theirs.stdout, 'data')

    const back = await at.giveBack()
    theirs.kill()
    await once(theirs, 'exit')

    expect(back).toMatchObject({ removed: false, why: expect.stringContaining(`(process ${theirs.pid}) is in it`) })
  }
  expect(await at.giveBack()).toMatchObject({ removed: true })
})

test('stays while a command is in it in the jail, where its paths are those of another name space', async () => {
  await using at = await world()
  const jail = { kind: 'bubblewrap', path: findOnPath('bwrap') } as const
  const stop = new AbortController()
  const stdio = ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore']
  const jailed = spawnJailed(jail, { worktree: at.dir }, ['sh', '-c', 'echo in; sleep 60'], {
    stdio,
    signal: stop.signal,
  })
  await once(jailed.child.stdout as Readable, 'data')

  const back = await at.giveBack()
  stop.abort()
  await jailed.exited

  expect(back).toMatchObject({ removed: false, why: expect.stringContaining('is in it') })
})

test('stays while a role holds it, and goes when that one is done or dead', async () => {
  await using at = await world()
  const held = await holdWorktree(at.dir, { owner: 'implementer', run: 'r1', attempt: 3 })
  expect(await at.giveBack()).toMatchObject({ removed: false, why: expect.stringMatching(/^implementer works in it/) })

  await held[Symbol.asyncDispose]()

  expect(await at.giveBack()).toMatchObject({ removed: true })
})

test('stays when something in it changed a moment ago', async () => {
  await using at = await world()
  await at.write({ b: 'now\n' })

  expect(await at.giveBack({ quietMs: 60_000 })).toMatchObject({
    removed: false,
    why: expect.stringContaining('changed just now'),
  })
})

test('what changes after the proof brings it back', async () => {
  await using at = await world()
  const change = (step: Step) => (step === 'said' ? appendFile(join(at.dir, 'a'), 'late\n') : undefined)

  const back = await at.giveBack({ onStep: change })

  expect(back).toMatchObject({ removed: false, why: expect.stringContaining('while it was looked at') })
  expect(await readFile(join(at.dir, 'a'), 'utf8')).toBe('a\nlate\n')
  expect(at.repo.git(['status', '--porcelain'], at.dir)).toBe(' M a\n')
})

test('nothing is moved when the proof cannot be recorded', async () => {
  await using at = await world()
  const say = () => Promise.reject(new Error('The broker is away.'))

  await expect(at.giveBack({ say })).rejects.toThrow('The broker is away.')

  expect(at.repo.git(['status', '--porcelain'], at.dir)).toBe('')
})

test.each(steps)('killed when it has come to `%s`, the next one finishes it, and every byte is there', async (step) => {
  await using at = await world({ '.gitignore': '*.log\n' })
  await at.write({ a: 'work\n', new: 'new\n', 'own.log': 'log\n' })
  const script = `
    const { giveBack } = await import(${JSON.stringify(new URL('give-back.ts', import.meta.url).href)})
    const { makeWorktree } = await import(${JSON.stringify(new URL('worktree.ts', import.meta.url).href)})
    const { openRepository } = await import(${JSON.stringify(new URL('repository.ts', import.meta.url).href)})
    const repository = await openRepository(${JSON.stringify(at.repo.root)})
    const worktree = await makeWorktree({ repository, dir: ${JSON.stringify(at.dir)}, branch: 'sluice/s1', base: 'main' })
    const onStep = (step) => step === '${step}' && process.kill(process.pid, 'SIGKILL')
    await giveBack(worktree, { storyId: 's1', archiveMb: 200, quietMs: 0, say: async () => {}, onStep })`
  const dying = spawn(process.execPath, ['--input-type=module', '-e', script], { env: at.repo.env, stdio: 'inherit' })
  const [, signal] = await once(dying, 'exit')
  expect(signal).toBe('SIGKILL')

  expect(await at.giveBack()).toMatchObject({ removed: true })

  expect(at.repo.git(['show', 'refs/sluice/s1/final:a'])).toBe('work\n')
  expect(at.repo.git(['show', 'refs/sluice/s1/final:new'])).toBe('new\n')
  await extract({ file: archiveFile(at.dir), cwd: at.repo.dir })
  expect(await readFile(join(at.repo.dir, 'own.log'), 'utf8')).toBe('log\n')
  expect((await readdir(join(at.repo.dir, 'worktrees'))).sort()).toEqual(['s1.ignored.json', 's1.ignored.tar.gz'])
  expect(at.repo.git(['worktree', 'list']).trim().split('\n')).toHaveLength(1)
})

test('two thousand new files go as well', async () => {
  await using at = await world()
  await at.write(Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`d${n % 100}/f${n}`, `${n}\n`])))

  expect(await at.giveBack()).toMatchObject({ removed: true })

  expect(at.repo.git(['ls-tree', '-r', '--name-only', 'refs/sluice/s1/final']).trim().split('\n')).toHaveLength(2_001)
})

type World = Awaited<ReturnType<typeof world>>

/** A worktree of story s1, of a base that holds `a`. */
async function world(base: Record<string, string> = {}) {
  const repo: TestRepository = await testRepository()
  await repo.commit({ a: 'a\n', ...base })
  const dir = join(repo.dir, 'worktrees', 's1')
  const made = async (): Promise<Worktree> =>
    makeWorktree({ repository: await repo.open(), dir, branch: 'sluice/s1', base: 'main' })
  const worktree = await made()
  const said: Proof[] = []
  return {
    ...{ repo, dir, worktree, said },
    write: (files: Record<string, string | Buffer>) => repo.write(files, dir),
    giveBack: (more: Partial<GivingBack> = {}) =>
      giveBack(worktree, {
        ...{ storyId: 's1', archiveMb: 200, quietMs: 0 },
        say: async (proof) => void said.push(proof),
        ...more,
      }),
    [Symbol.asyncDispose]: () => repo[Symbol.asyncDispose](),
  }
}

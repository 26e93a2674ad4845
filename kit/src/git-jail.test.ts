/** A git gone wrong, by whatever a tree did to it, in the jail: each of these works without one and comes to nothing in it. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { commitAll } from './changes.ts'
import type { Jail } from './jail.ts'
import { projectFiles } from './project-files.ts'
import { migrate } from './quarantine.ts'
import { jailed, processesWith } from './testing/jail-world.ts'
import { testRepository } from './testing/repository.ts'
import { openTreeGit } from './tree-git.ts'
import { makeWorktree } from './worktree.ts'

const author = { name: 'Ada', email: 'ada@example.org' }
const NONE: Jail = { kind: 'none', problem: 'none for this test' }

/** A worktree and, in place of git, a program that does this and then is git. */
async function gitThat(evil: string) {
  const repo = await testRepository()
  onTestFinished(() => repo[Symbol.asyncDispose]())
  const base = await repo.commit({ 'a.txt': 'a\n' })
  const repository = await repo.open()
  const worktree = await makeWorktree({ repository, dir: join(repo.dir, 'story'), branch: 'sluice/story', base })
  const bin = await realpath(await mkdtemp(join(tmpdir(), 'sluice-evil-')))
  onTestFinished(() => rm(bin, { recursive: true, force: true }))
  const real =
    (process.env.PATH ?? '')
      .split(delimiter)
      .map((dir) => join(dir, 'git'))
      .find(existsSync) ?? 'git'
  await mkdir(join(bin, 'bin'))
  await writeFile(join(bin, 'bin', 'git'), `#!/bin/sh\n${evil}\nexec ${real} "$@"\n`)
  await chmod(join(bin, 'bin', 'git'), 0o755)
  const before = process.env.PATH
  process.env.PATH = `${join(bin, 'bin')}${delimiter}${before}`
  onTestFinished(() => {
    process.env.PATH = before
  })
  /** Lists the tree with that git, and ends its jail. */
  const listed = async (jail: Jail) => {
    await using git = await openTreeGit({ view: repository.view, workTree: worktree.dir, jail })
    const [files] = await git.run([{ args: ['ls-files', '-z', '--others'], prints: true }])
    await git.migrate()
    return files?.toString()
  }
  return { repo, repository, worktree, listed }
}

test('it writes neither into the home of the person nor into the repository nor into the tree it reads', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sluice-home-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const marks = ['"$HOME_OF_THE_TEST/.ssh-mark"', '"$GIT_DIR/../../hooks-mark"', '"$GIT_WORK_TREE/mark"']
  const evil = marks.map((mark) => `touch ${mark.replace('$HOME_OF_THE_TEST', home)}`).join('\n')
  const { repo, worktree, listed } = await gitThat(`(\n${evil}\n) 2>/dev/null`)
  const written = () =>
    [join(home, '.ssh-mark'), join(repo.root, '.git', 'hooks-mark'), join(worktree.dir, 'mark')].map(existsSync)

  await listed(jailed())
  expect(written()).toEqual([false, false, false])

  await listed(NONE)
  expect(written()).toEqual([true, true, true])
})

test('it reads nothing of the person: not their home, not the config of the repository, not our environment', async () => {
  const secret = join(await mkdtemp(join(tmpdir(), 'sluice-secret-')), 'key')
  onTestFinished(() => rm(join(secret, '..'), { recursive: true, force: true }))
  await writeFile(secret, 'of the person')
  process.env.SECRET_OF_THE_TEST = 'in the environment'
  onTestFinished(() => {
    delete process.env.SECRET_OF_THE_TEST
  })
  const out = '"$GIT_OBJECT_DIRECTORY/../stolen"'
  const { repository, worktree } = await gitThat(
    `cat ${secret} "$GIT_DIR/../../config" /proc/1/environ /proc/$PPID/environ > ${out} 2>/dev/null`,
  )
  const stolen = async (jail: Jail) => {
    const git = await openTreeGit({ view: repository.view, workTree: worktree.dir, jail })
    await git.run([{ args: ['ls-files'], prints: true }])
    const all = join(repository.view.gitDir, '..', 'quarantine')
    const texts = await Promise.all((await readdir(all)).map((name) => readFile(join(all, name, 'stolen'), 'latin1')))
    await git[Symbol.asyncDispose]()
    return texts.join('')
  }

  const inJail = await stolen(jailed())
  const outside = await stolen(NONE)

  expect(outside).toContain('of the person')
  expect(outside).toContain('[user]')
  expect(inJail).not.toMatch(/of the person|\[user\]|in the environment/)
})

test('it reaches no network, not even this machine’s own', async () => {
  let heard = 0
  const server = createServer((socket) => {
    heard++
    socket.end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const { listed } = await gitThat(`bash -c ': > /dev/tcp/127.0.0.1/${port}' 2>/dev/null`)

  await listed(jailed())
  expect(heard).toBe(0)

  await listed(NONE)
  await expect.poll(() => heard).toBe(1)
})

test('what it leaves running is gone before its objects are looked at', async () => {
  const { listed } = await gitThat('setsid sh -c "sleep 86397.5" </dev/null >/dev/null 2>&1 &\nsleep 0.1')

  await listed(jailed())

  expect(processesWith('sleep 86397.5')).toEqual([])
})

test('a link in place of its objects leads our hand nowhere', async () => {
  const { repo, listed } = await gitThat('')
  const victim = join(repo.dir, 'victim')
  await repo.write({ [`ab/${'c'.repeat(38)}`]: 'of the person' }, victim)
  const evil = `rm -rf "$GIT_OBJECT_DIRECTORY"; ln -s ${victim} "$GIT_OBJECT_DIRECTORY"; exit 0`
  const git = (process.env.PATH ?? '').split(delimiter)[0] ?? ''
  await writeFile(join(git, 'git'), `#!/bin/sh\n${evil}\n`)

  await expect(listed(jailed())).rejects.toThrow('Git in its jail left something that is no object')

  expect(await readFile(join(victim, 'ab', 'c'.repeat(38)), 'utf8')).toBe('of the person')
})

const blob = (text: string): Buffer => deflateSync(Buffer.from(`blob ${text.length}\0${text}`))

test('an object that is not what it is called never gets into the repository', async () => {
  const at = `"$GIT_OBJECT_DIRECTORY/ab/${'c'.repeat(38)}"`
  const { repo, listed } = await gitThat(
    `mkdir -p "$GIT_OBJECT_DIRECTORY/ab"; echo ${blob('another').toString('base64')} | base64 -d > ${at}`,
  )

  await expect(listed(jailed())).rejects.toThrow('is not what it is called')

  expect(existsSync(join(repo.root, '.git', 'objects', 'ab', 'c'.repeat(38)))).toBe(false)
})

test.for(['.git', '.GIT', 'git~1', '..', '.g\u200cit', 'a/b', ''])(
  'a tree that holds “%s” never gets into the repository',
  async (name) => {
    const place = await mkdtemp(join(tmpdir(), 'sluice-objects-'))
    onTestFinished(() => rm(place, { recursive: true, force: true }))
    const content = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.alloc(20, 7)])
    const tree = Buffer.concat([Buffer.from(`tree ${content.length}\0`), content])
    const id = createHash('sha1').update(tree).digest('hex')
    await mkdir(join(place, 'from', id.slice(0, 2)), { recursive: true })
    await writeFile(join(place, 'from', id.slice(0, 2), id.slice(2)), deflateSync(tree))

    await expect(migrate(join(place, 'from'), join(place, 'to'))).rejects.toThrow('a name that no tree may hold')

    expect(existsSync(join(place, 'to'))).toBe(false)
  },
)

test('a pack it leaves is not taken', async () => {
  const { listed } = await gitThat(
    'mkdir -p "$GIT_OBJECT_DIRECTORY/pack"; : > "$GIT_OBJECT_DIRECTORY/pack/pack-1.pack"',
  )

  await expect(listed(jailed())).rejects.toThrow('no object: pack')
})

test('the git there is, in its jail, does all it did: and says what is wrong where it is', async () => {
  await using repo = await testRepository()
  const base = await repo.commit({ 'a.txt': 'a\n' })
  const repository = await repo.open()
  const worktree = await makeWorktree({ repository, dir: join(repo.dir, 'story'), branch: 'sluice/story', base })
  await repo.write({ "it's; rm -rf $HOME": 'odd\n', 'b\nc': 'n\n' }, worktree.dir)

  const done = await commitAll(worktree, { message: 'Odd', author, expectedTip: base })
  expect('tree' in done && done.changed).toEqual(['b\nc', "it's; rm -rf $HOME"])
  const gone = openTreeGit({ view: repository.view, workTree: worktree.dir }).then(async (git) => {
    await using _git = git
    return await git.run([{ args: ['read-tree', '0'.repeat(40)] }])
  })

  await expect(gone).rejects.toThrow(/read-tree ended with 128: fatal: failed to unpack tree object/)
  expect(await projectFiles(worktree)).toEqual(['a.txt', 'b\nc', "it's; rm -rf $HOME"])
  expect(await readdir(join(repository.view.gitDir, '..', 'quarantine'))).toEqual([])
})

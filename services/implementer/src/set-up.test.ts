/** How a worktree is made ready: by the command, by what it made for an earlier story, with the person's own files; and that no agent can touch what is shared. */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commitAll } from '@sluice/kit/changes.ts'
import { runJailed } from '@sluice/kit/exec.ts'
import { sharedDir } from '@sluice/kit/shared-cache.ts'
import { installedProject } from '@sluice/kit/testing/installed-project.ts'
import { testRepository } from '@sluice/kit/testing/repository.ts'
import { roleWorld } from '@sluice/kit/testing/role-means.ts'
import { makeWorktree, type Worktree } from '@sluice/kit/worktree.ts'
import { expect, test, vi } from 'vitest'
import { setUp } from './set-up.ts'

// Real installs in a real jail.
vi.setConfig({ testTimeout: 120_000 })

const INSTALL = 'npm ci --offline --no-audit --no-fund'
/** Packed once for all of them. */
const project = installedProject()
const author = { name: 'Ada', email: 'ada@example.org' }

test('the second story of a lock file gets what the first one installed, and nothing is run', async () => {
  await using world = await openWorld()
  const [first, second] = [await world.worktree('s1'), await world.worktree('s2')]

  const notes = [await world.setUp(first), await world.setUp(second)]

  expect(notes.map((said) => said.map(({ state }) => state))).toEqual([['started', 'ended'], ['shared']])
  expect(notes[1]?.[0]?.text).toMatch(/^Set-up was not run: \d+ files that it made of this lock file/)
  expect(await world.inJail(second, `node -p "require('greeting')"`)).toBe('hello\n')
  expect(world.repo.git(['status', '--porcelain'], second.dir)).toBe('')
})

test('asked again nothing is done; with another lock file the command is run', async () => {
  await using world = await openWorld()
  const worktree = await world.worktree('s1')
  await world.setUp(worktree)

  expect(await world.setUp(worktree)).toEqual([])

  const lock = JSON.parse(await readFile(join(worktree.dir, 'package-lock.json'), 'utf8'))
  await writeFile(join(worktree.dir, 'package-lock.json'), JSON.stringify({ ...lock, version: '1.0.1' }))
  expect((await world.setUp(worktree)).map(({ state }) => state)).toEqual(['started', 'ended'])
})

test('whatever an agent does to its dependencies, in the jail and with all its might, the next story gets those of the lock file', async () => {
  await using world = await openWorld()
  const [first, second, third] = [await world.worktree('s1'), await world.worktree('s2'), await world.worktree('s3')]
  await world.setUp(first)
  await world.setUp(second)
  const shared = sharedDir(world.dataDir)

  for (const agent of [first, second])
    await world.inJail(
      agent,
      `chmod -R u+w node_modules; echo 'module.exports = "evil"' > node_modules/greeting/index.js
       find / -xdev -path '*greeting/index.js' 2>/dev/null | while read f; do echo 'module.exports = "evil"' > "$f"; done
       mkdir -p ${shared}; find ${shared} -name index.js -exec sh -c 'echo evil > "$1"' _ {} ';'; true`,
    )

  expect(await world.inJail(second, `node -p "require('greeting')"`)).toBe('evil\n')
  await world.setUp(third)
  expect(await world.inJail(third, `node -p "require('greeting')"`)).toBe('hello\n')
})

test('what a story installed after an agent was there is kept for nobody', async () => {
  await using world = await openWorld()
  const first = await world.worktree('s1')
  await writeFile(join(first.dir, 'evil.js'), 'x\n')
  await commitAll(first, { message: 'Work', author, expectedTip: first.base })

  await world.setUp(first)

  expect(existsSync(sharedDir(world.dataDir))).toBe(false)
})

test('a worktree that is made again under the same path is made ready again', async () => {
  await using world = await openWorld()
  const first = await world.worktree('s1')
  await world.setUp(first)
  await rm(first.dir, { recursive: true })

  const again = await world.worktree('s1')

  expect((await world.setUp(again)).map(({ state }) => state)).toEqual(['shared'])
})

test('without a jail nothing is shared: an agent could write into it', async () => {
  await using world = await openWorld({ jailed: false })
  const [first, second] = [await world.worktree('s1'), await world.worktree('s2')]

  const notes = [await world.setUp(first), await world.setUp(second)]

  expect(notes.map((said) => said.map(({ state }) => state))).toEqual([
    ['started', 'ended'],
    ['started', 'ended'],
  ])
})

test('the person’s own files are there when set-up runs; what only the repository asks for is named and not copied', async () => {
  await using world = await openWorld({ copy: ['.env.test'] })
  await world.repo.write({ '.env.test': 'A=1\n', '.env': 'SECRET=1\n' })
  const worktree = await world.worktree('s1')

  const notes = await world.setUp(worktree, {
    setup: 'grep A=1 .env.test && ! test -e .env',
    copy: ['.env.test', '.env'],
  })

  expect(notes.map(({ text }) => text)).toEqual([
    'Copied from your checkout, as your config.yaml lists it: .env.test.',
    expect.stringMatching(/^sluice.yaml asks for .env, which your own config does not give: not copied\. To give it,/),
    'Setting up: grep A=1 .env.test && ! test -e .env',
    expect.stringMatching(/^Set-up ended with 0/),
  ])
})

test('commands are told ports of their story’s own', async () => {
  await using world = await openWorld()
  const worktree = await world.worktree('s1')

  const said = await world.inJail(worktree, 'echo $PORT $SLUICE_PORT_BASE')

  expect(said).toMatch(/^(2\d{3}0) \1\n$/)
})

type Note = { type?: string; state?: string; text: string }

async function openWorld({ copy = [] as string[], jailed = true } = {}) {
  await using stack = new AsyncDisposableStack()
  const roles = stack.use(await roleWorld())
  const repo = stack.use(await testRepository())
  await repo.commit({ ...(await project), '.gitignore': 'node_modules\n.env*\n' })
  const repository = await repo.open()
  const place = async (dir: string) => {
    const { jail, policy } = await roles.means().workshop.jailed(dir)
    return { jail: jailed ? jail : ({ kind: 'none', problem: 'This test has none.' } as const), policy }
  }
  const things = stack.move()
  return {
    ...{ repo, dataDir: roles.dataDir },
    worktree: (story: string) =>
      makeWorktree({
        repository,
        dir: join(roles.dataDir, 'worktrees/p1', story),
        branch: `sluice/${story}`,
        base: 'main',
      }),
    /** What the journal says of it. */
    async setUp(worktree: Worktree, config: { setup?: string; copy?: string[] } = {}): Promise<Note[]> {
      const means = roles.means()
      means.workshop.copy = copy
      const job = { config: { setup: INSTALL, ...config }, projectId: 'p1', place: await place(worktree.dir), means }
      things.use(await setUp(worktree, job))
      return means.run.entries().flatMap(({ kind, data }) => (kind === 'note' ? [data as Note] : []))
    },
    async inJail(worktree: Worktree, command: string): Promise<string> {
      const { jail, policy } = await place(worktree.dir)
      const logFile = join(roles.dataDir, 'in-jail.log')
      const { log } = await runJailed(jail, policy, command, { timeoutMs: 30_000, logFile })
      return log.tail
    },
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

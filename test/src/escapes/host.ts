/** Traps for Sluice itself: things left in the worktree for the host to run, read or write through, once nothing of the agent runs. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openRepository } from '@sluice/kit/repository.ts'
import { snapshot } from '@sluice/kit/snapshot.ts'
import type { JailWorld } from '@sluice/kit/testing/jail-world.ts'
import { openBeneath } from '@sluice/kit/tools/beneath.ts'
import { makeWorktree, type Worktree } from '@sluice/kit/worktree.ts'
import type { Yard } from './yard.ts'

/** `careless` is what anybody would write, `ours` what Sluice does: both are run on the host over what the script left in the jail. */
export type Trap = {
  tries: string
  heldBy: string
  script(yard: Yard): string
  careless(world: JailWorld): void
  ours(world: JailWorld): Promise<unknown>
  gotOut(yard: Yard): boolean
}

const OWN_GIT =
  'git is told its directories, with no config, hook or filter of anybody’s; a repository inside is refused'
const BENEATH = 'the host opens directory by directory and follows no link out (kit/src/tools/beneath.ts)'

const worktreeOf = async (world: JailWorld): Promise<Worktree> => {
  const repository = await openRepository(world.repository)
  const base = await repository.head('main')
  return makeWorktree({ repository, dir: world.worktree, branch: 'story', base })
}
const gitAsAPerson = (world: JailWorld): void => {
  for (const args of [['add', '-A'], ['status'], ['diff']])
    try {
      execFileSync('git', args, { cwd: world.worktree, stdio: 'ignore' })
    } catch {
      // Whether git likes what it finds says nothing about what it ran.
    }
}
const ourGit = async (world: JailWorld): Promise<void> => {
  const worktree = await worktreeOf(world)
  await using _read = await snapshot(worktree, worktree.base)
}

const forGit = (tries: string, script: Trap['script']): Trap => ({
  ...{ tries, heldBy: OWN_GIT, script },
  careless: gitAsAPerson,
  ours: ourGit,
  gotOut: ({ planted }) => existsSync(planted),
})

const nested = (setting: (planted: string) => string) => (yard: Yard) =>
  `mkdir sub && cd sub && git init -q . && echo one > file.txt && git add . && ` +
  `git -c user.name=A -c user.email=a@b commit -qm x && ${setting(yard.planted)} && echo two > file.txt`

const WRITTEN = '.sluice/stories/one/requirements.md'

export const traps: Trap[] = [
  forGit(
    'a nested repository whose file system monitor is a program',
    nested((planted) => `git config core.fsmonitor 'touch ${planted}; false'`),
  ),
  forGit(
    'a nested repository whose filter is a program',
    nested((planted) => `git config filter.x.clean 'touch ${planted}; cat' && echo '* filter=x' > .gitattributes`),
  ),
  forGit(
    'a nested repository whose hook is a program',
    (yard) =>
      `${nested(() => 'true')(yard)} && printf '#!/bin/sh\\ntouch ${yard.planted}\\n' > .git/hooks/post-index-change && chmod +x .git/hooks/post-index-change`,
  ),
  {
    tries: 'a link where the host writes the story’s documents',
    heldBy: BENEATH,
    script: ({ world }) => `mkdir -p ${dirname(dirname(WRITTEN))} && ln -s ${world.home} ${dirname(WRITTEN)}`,
    careless: ({ worktree }) => {
      mkdirSync(join(worktree, dirname(WRITTEN)), { recursive: true })
      writeFileSync(join(worktree, WRITTEN), 'evil')
    },
    ours: async ({ worktree }) => (await openBeneath(worktree)).write(WRITTEN, 'evil'),
    gotOut: ({ world }) => existsSync(join(world.home, 'requirements.md')),
  },
  {
    tries: 'a link in place of a file the host writes',
    heldBy: BENEATH,
    script: ({ world }) => `mkdir .changes && ln -s ${world.home}/.bashrc .changes/one.md`,
    careless: ({ worktree }) => writeFileSync(join(worktree, '.changes/one.md'), 'evil'),
    ours: async ({ worktree }) => (await openBeneath(worktree)).write('.changes/one.md', 'evil'),
    gotOut: ({ world }) => existsSync(join(world.home, '.bashrc')),
  },
  {
    tries: 'a link in place of a file the host reads',
    heldBy: BENEATH,
    script: ({ world }) => `ln -s ${world.home}/secret package-lock.json`,
    careless: ({ worktree, log }) => writeFileSync(log, readFileSync(join(worktree, 'package-lock.json'))),
    ours: async ({ worktree, log }) =>
      writeFileSync(log, await (await openBeneath(worktree)).read('package-lock.json')),
    gotOut: ({ world }) => readFileSync(world.log, 'utf8').includes('planted-secret'),
  },
]

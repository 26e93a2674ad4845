/** Ways to write or read outside the worktree by the file system. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Attempt, Group } from './attempt.ts'
import { contentOf, type Yard } from './yard.ts'

const NOT_THERE = 'the jail’s tree holds only what is listed, read-only but for the worktree'
const READ_ONLY_GIT = 'the worktree’s git directories are a read-only view without config, hooks and remotes'

const planted = ({ planted }: Yard): boolean => existsSync(planted)
const writes = (tries: string, script: Attempt['script']): Attempt => ({
  tries,
  heldBy: NOT_THERE,
  script,
  gotOut: planted,
})

const inRepository = (tries: string, file: string, script: string): Attempt => ({
  ...{ tries, heldBy: READ_ONLY_GIT },
  script: () => `d=$(git rev-parse --git-common-dir); o=$(git rev-parse --git-dir); ${script}`,
  gotOut: ({ world }) => contentOf(join(world.repository, '.git', file)).includes('evil'),
})

export const files: Group = {
  about: 'Files',
  spoils: true,
  attempts: [
    writes('write by an absolute path', ({ planted }) => `echo x > ${planted}`),
    writes('write by ../..', () => 'echo x > ../../planted'),
    writes('write through a link in the worktree', ({ world }) => `ln -s ${world.root} way && echo x > way/planted`),
    writes(
      'write in a directory made anew where the outside one is',
      ({ world, planted }) => `mkdir -p ${world.root}; echo x > ${planted}`,
    ),
    {
      ...writes('write into the home', () => 'echo x >> "$HOME/.bashrc"'),
      gotOut: ({ world }) => existsSync(join(world.home, '.bashrc')),
    },
    {
      tries: 'read through a link in the worktree',
      heldBy: NOT_THERE,
      script: ({ world }) => `ln -s ${world.home}/secret way && cat way`,
    },
    {
      tries: 'make a hard link to a file outside',
      heldBy: NOT_THERE,
      script: ({ world }) => `ln ${world.home}/secret here && cat here`,
    },
    {
      tries: 'change a file outside through a hard link',
      heldBy: NOT_THERE,
      script: ({ world }) => `ln ${world.home}/secret here && echo evil > here`,
      gotOut: ({ world }) => contentOf(join(world.home, 'secret')).includes('evil'),
    },
    {
      tries: 'write into another story’s worktree',
      heldBy: NOT_THERE,
      script: ({ world }) => `echo evil > ${world.data}/other/file.txt`,
      gotOut: ({ world }) => contentOf(join(world.data, 'other/file.txt')).includes('evil'),
    },
    {
      tries: 'write into the person’s own checkout',
      heldBy: NOT_THERE,
      script: ({ world }) => `echo evil > ${world.repository}/file.txt`,
      gotOut: ({ world }) => contentOf(join(world.repository, 'file.txt')).includes('evil'),
    },
    ...[
      ['remove the .git of the worktree', 'rm -rf .git; mkdir .git'],
      ['move the .git of the worktree away', 'mv .git elsewhere; echo "gitdir: /tmp/evil" > .git'],
      ['overwrite the .git of the worktree', 'echo "gitdir: /tmp/evil" > .git'],
      ['link another .git over it', 'ln -sfn /tmp/evil .git'],
    ].map(
      ([tries = '', script = '']): Attempt => ({
        ...{ tries, heldBy: READ_ONLY_GIT },
        script: () => script,
        gotOut: ({ world }) => !contentOf(join(world.worktree, '.git')).includes(world.repository),
      }),
    ),
    inRepository(
      'plant a hook in the repository',
      'hooks/pre-commit',
      'mkdir -p "$d/hooks"; echo evil > "$d/hooks/pre-commit"',
    ),
    inRepository(
      'plant a program in the repository’s config',
      'config',
      'git config --file "$d/config" core.fsmonitor evil',
    ),
    inRepository('plant a program by git itself', 'config', 'git config core.sshCommand evil'),
    inRepository(
      'plant a config of the worktree’s own',
      'worktrees/worktree/config.worktree',
      'echo evil > "$o/config.worktree"',
    ),
    inRepository('move a branch of the person’s', 'refs/heads/evil', 'echo evil > "$d/refs/heads/evil"'),
    inRepository(
      'lend objects from elsewhere',
      'objects/info/alternates',
      'mkdir -p "$d/objects/info"; echo /tmp/evil > "$d/objects/info/alternates"',
    ),
    {
      tries: 'let an install script of a package write into the home',
      heldBy: NOT_THERE,
      script: () =>
        `mkdir evil && echo '{"name":"evil","version":"1.0.0","scripts":{"postinstall":"echo x > $HOME/planted"}}' > evil/package.json && ` +
        `echo '{"name":"app","version":"1.0.0"}' > package.json && npm install --offline --no-audit --no-fund --foreground-scripts ./evil && (cd node_modules/evil && npm run postinstall)`,
      gotOut: ({ world }) => existsSync(join(world.home, 'planted')),
    },
  ],
}

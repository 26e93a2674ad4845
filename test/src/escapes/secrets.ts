/** Ways to read what only the person may read. */
import { SECRET } from '@sluice/kit/testing/jail-world.ts'
import type { Attempt, Group } from './attempt.ts'
import { DATA_SECRETS, HOME_SECRETS } from './yard.ts'

const OWN_HOME = 'the home inside is an empty one of the same name'
const NO_DATA = 'the data directory is hidden, and of it only the worktree is there'

export const secrets: Group = {
  about: 'Secrets',
  attempts: [
    ...HOME_SECRETS.map(
      (file): Attempt => ({
        tries: `read ~/${file}`,
        heldBy: OWN_HOME,
        script: ({ world }) => `cat ${world.home}/${file}`,
      }),
    ),
    ...DATA_SECRETS.map(
      (file): Attempt => ({
        ...{ tries: `read ${file} of the data directory`, heldBy: NO_DATA },
        script: ({ world }) => `cat ${world.data}/${file}`,
      }),
    ),
    {
      tries: 'read what another story has not committed',
      heldBy: NO_DATA,
      script: ({ world }) => `cat ${world.data}/other/unfinished.txt`,
    },
    {
      tries: 'read the login in the repository’s config',
      heldBy: 'the config inside holds only how files map to bytes',
      script: () => 'cat "$(git rev-parse --git-common-dir)/config"; git remote -v',
    },
    {
      tries: 'read the password hashes of the system',
      heldBy: 'what the system keeps from other users is covered, for root too',
      script: () => 'cat /etc/shadow',
      gotOut: (_, said) => /^\w+:[^:]*:\d*:/m.test(said),
    },
    {
      tries: 'find the secret anywhere on the disk',
      heldBy: NO_DATA,
      script: ({ world }) =>
        `grep -rls '${SECRET.slice(0, 7)}'-'${SECRET.slice(8)}' ${world.root} /tmp /home /root /var/tmp /srv /mnt --include='*credentials*' --include=token 2>/dev/null | head -3`,
      gotOut: ({ world }, said) => said.includes(world.root),
    },
  ],
}

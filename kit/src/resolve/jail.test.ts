/** A jail counts as one only if nothing got out of it. */
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { bareMachine } from '../testing/bare-machine.ts'
import { resolveJail } from './jail.ts'
import { thisMachine } from './machine.ts'
import { probeJail } from './probe-jail.ts'

test('the jail of this machine holds', async () => {
  const jail = await resolveJail(thisMachine())

  expect(jail).toMatchObject({ kind: 'bwrap', version: expect.stringMatching(/^\d+\.\d+/) })
})

test('a jail that only pretends is found out in all four ways', async () => {
  await using bare = await bareMachine()
  const pretender = await bare.put('bwrap', 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"')

  const probed = await probeJail({ kind: 'bubblewrap', path: pretender })

  expect(probed).toMatchObject({
    kind: 'none',
    problem:
      'The jail does not hold: a program inside could write outside its worktree, read a secret, reach the network, see other processes.',
  })
})

test.for([
  { flag: '--unshare-net', leak: 'reach the network' },
  { flag: '--unshare-pid', leak: 'see other processes' },
])('a jail without $flag is found out', async ({ flag, leak }) => {
  await using bare = await bareMachine()
  const weakened = await bare.put('bwrap', dropping(flag, await realBwrap()))

  const probed = await probeJail({ kind: 'bubblewrap', path: weakened })

  expect(probed).toMatchObject({ kind: 'none', problem: `The jail does not hold: a program inside could ${leak}.` })
})

test('a jail around the temporary files of all is found out', async () => {
  await using bare = await bareMachine()
  const wide = await bare.put('bwrap', `${dropping('--tmpfs', `${await realBwrap()} --bind ${tmpdir()} ${tmpdir()}`)}`)

  const probed = await probeJail({ kind: 'bubblewrap', path: wide })

  expect(probed).toMatchObject({
    kind: 'none',
    problem: expect.stringContaining('write outside its worktree, read a secret'),
  })
})

test('refused user namespaces are an answer with a mend', async () => {
  await using bare = await bareMachine()
  const refused = await bare.put('bwrap', 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1')

  const probed = await probeJail({ kind: 'bubblewrap', path: refused })

  expect(probed).toMatchObject({
    kind: 'none',
    problem:
      'This system does not let programs make user namespaces, so agents cannot be jailed (bwrap: setting up uid map: Permission denied).',
    mend: expect.stringMatching(/then run the same command again\.$/),
  })
})

test('a jail in which nothing runs is none', async () => {
  await using bare = await bareMachine()
  const empty = await bare.put('bwrap', 'exit 0')

  expect(await probeJail({ kind: 'bubblewrap', path: empty })).toMatchObject({
    kind: 'none',
    problem: expect.stringContaining('Nothing runs inside'),
  })
})

test('a bwrap that cannot be had is an answer, not an error', async () => {
  await using bare = await bareMachine()

  const jail = await resolveJail(bare.machine)

  expect(jail).toMatchObject({
    kind: 'none',
    problem: 'bwrap is not on this machine, and could not be fetched (this system has no apt-get and dpkg).',
    mend: expect.stringContaining('apt-get install bubblewrap'),
  })
})

test('a Mac whose seatbelt does not start is told that it has none, and why', async () => {
  await using bare = await bareMachine()

  const jail = await resolveJail({ ...bare.machine, platform: 'darwin' })

  expect(jail).toMatchObject({
    kind: 'none',
    problem: expect.stringMatching(/^Nothing runs inside the jail \(.*sandbox-exec.*\)\.$/),
  })
})

async function realBwrap(): Promise<string> {
  const jail = await resolveJail(thisMachine())
  if (jail.kind !== 'bwrap') throw new Error('bubblewrap does not hold here')
  return jail.path
}

/** The real bwrap, with one flag (and, for --tmpfs, its directory) left out. */
const dropping = (flag: string, real: string): string => `
first=yes
for arg do
  if [ "$first" ]; then set --; first=; fi
  if [ "$skip" ]; then skip=; continue; fi
  if [ "$arg" = ${flag} ]; then [ ${flag} = --tmpfs ] && skip=yes; continue; fi
  set -- "$@" "$arg"
done
exec ${real} "$@"`

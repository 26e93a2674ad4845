/** Which changes of a project ask for another install, and which set-ups are more than one. */
import { expect, test } from 'vitest'
import { dependencyKey } from './dependency-key.ts'
import { testRepository } from './testing/repository.ts'

const pack = (more: object = {}) => JSON.stringify({ name: 'app', dependencies: { left: '1.0.0' }, ...more })
const project = { 'package.json': pack(), 'package-lock.json': '{"lockfileVersion":3}', 'src/a.ts': 'a\n' }

async function keys(...changes: Record<string, string>[]) {
  await using repo = await testRepository()
  const found: (string | null)[] = []
  const all: Record<string, string>[] = [project, ...changes]
  for (const { command = 'npm ci', ...files } of all) {
    const commit = await repo.commit({ ...project, ...files, n: String(found.length) })
    found.push(await dependencyKey(await repo.open(), commit, command))
    repo.git(['rm', '--quiet', '-r', '.'])
  }
  return found
}

test('the same for the same lock file, whatever else the project says and does', async () => {
  const [first, ...same] = await keys(
    { 'src/a.ts': 'another\n' },
    { 'package.json': pack({ scripts: { test: 'vitest', build: 'vite build' } }) },
  )

  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(same).toEqual([first, first])
})

test.each([
  ['another lock file', { 'package-lock.json': '{"lockfileVersion":2}' }],
  ['another dependency', { 'package.json': pack({ dependencies: { left: '1.0.1' } }) }],
  ['a further workspace', { 'packages/b/package.json': '{"name":"b"}' }],
  ['another npmrc', { '.npmrc': 'omit=dev\n' }],
  ['a patch', { 'patches/left.patch': 'x' }],
  ['another command', { command: 'npm ci --omit=dev' }],
])('another one for %s', async (_, change) => {
  const [first, other] = await keys(change)

  expect(other).toMatch(/^[0-9a-f]{64}$/)
  expect(other).not.toBe(first)
})

test.each([
  ['a command that does more', { command: 'npm ci && npm run build' }],
  ['a command with a redirection', { command: 'npm ci > log' }],
  ['another kind of command', { command: './set-up.sh' }],
  ['a script that runs while it installs', { 'package.json': pack({ scripts: { prepare: 'node build.js' } }) }],
  ['one of a workspace', { 'packages/b/package.json': '{"scripts":{"postinstall":"x"}}' }],
  ['a directory that is copied', { 'package.json': pack({ dependencies: { left: 'file:../left' } }) }],
  ['a package.json nobody can read', { 'package.json': '{' }],
])('none for %s', async (_, change) => {
  expect((await keys(change))[1]).toBeNull()
})

test('none without a lock file', async () => {
  await using repo = await testRepository()
  const commit = await repo.commit({ 'package.json': pack() })

  expect(await dependencyKey(await repo.open(), commit, 'npm install')).toBeNull()
})

/** The judge comes from the base commit, whatever lies in the working tree. */
import { expect, test } from 'vitest'
import { projectConfigAt } from './project-config.ts'
import { type TestRepository, testRepository } from './testing/repository.ts'

const configOf = async (repo: TestRepository, commit: string) => projectConfigAt(await repo.open(), commit)
const packageOf = (scripts: Record<string, string>, more: object = {}) => JSON.stringify({ scripts, ...more })
const locked = { 'package-lock.json': '{}' }

test('sluice.yaml says all, in either way of naming checks', async () => {
  await using repo = await testRepository()
  const named = await repo.commit({
    'sluice.yaml':
      'setup: make deps\nchecks:\n  types: make types\n  test: make test\npreview: make run\nrelease: make ship\ndocuments: false\n',
  })
  const listed = await repo.commit({ 'sluice.yaml': 'checks:\n  - name: test\n    command: make test\n' })

  expect(await configOf(repo, named)).toMatchObject({
    source: 'sluice.yaml',
    setup: 'make deps',
    checks: [
      { name: 'types', command: 'make types' },
      { name: 'test', command: 'make test' },
    ],
    ...{ preview: 'make run', release: 'make ship', documents: false },
  })
  expect(await configOf(repo, listed)).toMatchObject({
    ...{ setup: null, checks: [{ name: 'test', command: 'make test' }], documents: true },
  })
})

test('what lies in the working tree does not count, committed or not', async () => {
  await using repo = await testRepository()
  const base = await repo.commit({ 'sluice.yaml': 'checks: {test: make test}' })
  await repo.commit({ 'sluice.yaml': 'checks: {test: "true"}' })
  await repo.write({ 'sluice.yaml': 'checks: {}' })

  expect((await configOf(repo, base)).checks).toEqual([{ name: 'test', command: 'make test' }])
})

test('the repository cannot give itself network: what it asks for is named and not honoured', async () => {
  await using repo = await testRepository()
  const commit = await repo.commit({ 'sluice.yaml': 'egress: [evil.example.org]' })

  expect(await configOf(repo, commit)).toMatchObject({ egress: [], ignored: ['egress evil.example.org'] })
})

test('the repository names MCP servers of the person’s by role, and cannot describe one', async () => {
  await using repo = await testRepository()
  const named = await repo.commit({ 'sluice.yaml': 'mcp: { implementer: [docs] }' })
  const described = await repo.commit({ 'sluice.yaml': 'mcp: { servers: { docs: { command: sh } } }' })

  expect(await configOf(repo, named)).toMatchObject({ mcp: { implementer: ['docs'] } })
  await expect(configOf(repo, described)).rejects.toMatchObject({ name: 'Refusal' })
})

test.for([
  ['a key nobody knows', 'check: {test: make test}', /Unrecognized key: "check"/],
  ['no YAML', 'checks: [', /it is no YAML/],
  ['a command that is none', 'setup: 7', /setup: /],
  ['an empty command', 'checks: {test: "  "}', /checks/],
  ['two checks of one name', 'checks: [{name: a, command: x}, {name: a, command: y}]', /two checks named a/],
  ['a list', '- setup', /expected object/],
] as const)('a sluice.yaml with %s is refused in one sentence that says what it may hold', async ([, text, why]) => {
  await using repo = await testRepository()
  const commit = await repo.commit({ 'sluice.yaml': text })

  const reading = configOf(repo, commit)

  await expect(reading).rejects.toMatchObject({ name: 'Refusal', mend: expect.stringContaining('setup, checks') })
  await expect(reading).rejects.toThrow(why)
})

test.for([
  ['npm', { 'package-lock.json': '{}' }, 'npm ci', ['npm run -s typecheck', 'npm run -s lint', 'npm test']],
  [
    'pnpm',
    { 'pnpm-lock.yaml': '' },
    'pnpm install --frozen-lockfile',
    ['pnpm run typecheck', 'pnpm run lint', 'pnpm run test'],
  ],
  [
    'yarn',
    { 'yarn.lock': '# yarn lockfile v1' },
    'yarn install --frozen-lockfile',
    ['yarn run typecheck', 'yarn run lint', 'yarn run test'],
  ],
  [
    'yarn 2 and up',
    { 'yarn.lock': '__metadata:\n  version: 8\n' },
    'yarn install --immutable',
    ['yarn run typecheck', 'yarn run lint', 'yarn run test'],
  ],
  ['bun', { 'bun.lock': '{}' }, 'bun install --frozen-lockfile', ['bun run typecheck', 'bun run lint', 'bun run test']],
] as const)('without it %s runs the scripts that judge, and no others', async ([, lock, setup, commands]) => {
  await using repo = await testRepository()
  const scripts = { typecheck: 'tsc', test: 'vitest', lint: 'eslint', build: 'vite build' }
  const commit = await repo.commit({ 'package.json': packageOf(scripts), ...lock })

  const config = await configOf(repo, commit)

  expect(config).toMatchObject({ source: 'package.json', setup })
  expect(config.checks).toEqual(['typecheck', 'lint', 'test'].map((name, i) => ({ name, command: commands[i] })))
})

test('of two lock files the one of the named package manager counts', async () => {
  await using repo = await testRepository()
  const pack = packageOf({ test: 'vitest' }, { packageManager: 'pnpm@10.0.0' })
  const commit = await repo.commit({ 'package.json': pack, ...locked, 'pnpm-lock.yaml': '' })

  expect((await configOf(repo, commit)).setup).toBe('pnpm install --frozen-lockfile')
})

test('without a lock file an install leaves none behind, and nothing to install is not installed', async () => {
  await using repo = await testRepository()
  const bare = await repo.commit({ 'package.json': packageOf({ test: 'node --test' }) })
  const some = await repo.commit({
    'package.json': packageOf({ test: 'vitest' }, { devDependencies: { vitest: '1' } }),
  })

  expect((await configOf(repo, bare)).setup).toBeNull()
  expect((await configOf(repo, some)).setup).toBe('npm install --no-package-lock')
})

test.for([
  ['there is nothing', { 'a.txt': 'a' }],
  [
    'the test is what npm init wrote',
    { 'package.json': packageOf({ test: 'echo "Error: no test specified" && exit 1' }), ...locked },
  ],
] as const)('nothing is found where %s', async ([, files]) => {
  await using repo = await testRepository()
  const commit = await repo.commit(files)

  expect(await configOf(repo, commit)).toMatchObject({ source: 'nothing', setup: null, checks: [], egress: [] })
})

test('a package.json that cannot be read is refused, not taken for nothing', async () => {
  await using repo = await testRepository()
  const commit = await repo.commit({ 'package.json': '{' })

  await expect(configOf(repo, commit)).rejects.toMatchObject({ name: 'Refusal' })
})

test('the digest is of what judges: another script is another digest, another dependency is not', async () => {
  await using repo = await testRepository()
  const commits = [
    await repo.commit({ 'package.json': packageOf({ test: 'vitest' }), ...locked }),
    await repo.commit({ 'package.json': packageOf({ test: 'vitest' }, { dependencies: { a: '1' } }) }),
    await repo.commit({ 'package.json': packageOf({ test: 'true' }) }),
    await repo.commit({ 'sluice.yaml': 'checks: {test: npm test}' }),
    await repo.commit({ 'sluice.yaml': 'checks: {test: "true"}' }),
  ]

  const [one, two, ...rest] = await Promise.all(commits.map((commit) => configOf(repo, commit)))

  expect(two?.digest).toBe(one?.digest)
  expect(new Set([one, ...rest].map((config) => config?.digest)).size).toBe(4)
})

/** What judges a change and was touched by it is found, and what only looks like it is not. */

import { changeOf } from '@sluice/kit/story-change.ts'
import { testRepository } from '@sluice/kit/testing/repository.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { commitFiles, type Files } from './testing/world.ts'
import { touchedJudges } from './touched-judges.ts'

const config = {
  setup: 'npm ci',
  checks: [
    { name: 'test', command: 'npm test' },
    { name: 'lint', command: 'npm run -s lint' },
  ],
}
const pack = (scripts: Record<string, string>, more: object = {}): string =>
  JSON.stringify({ scripts, ...more }, null, 2)
const twoTests = `test('adds', () => { expect(1 + 1).toBe(2) })\ntest('takes', () => { expect(2 - 1).toBe(1) })\n`

test.each<{ what: string; base: Files; head: Files; claim: RegExp }>([
  {
    what: 'sluice.yaml changed',
    base: { 'sluice.yaml': 'checks: {}\n' },
    head: { 'sluice.yaml': 'checks: { test: "true" }\n' },
    claim: /^sluice.yaml, which says how this project is judged, was modified/,
  },
  {
    what: 'sluice.yaml added where there was none',
    base: {},
    head: { 'sluice.yaml': 'checks: {}\n' },
    claim: /^sluice.yaml.* was added/,
  },
  {
    what: 'the script of a check',
    base: { 'package.json': pack({ test: 'vitest run' }) },
    head: { 'package.json': pack({ test: 'vitest run || true' }) },
    claim: /^The script `test` of package.json/,
  },
  {
    what: 'a script that the script of a check runs',
    base: { 'package.json': pack({ lint: 'npm run lint:js && npm run lint:css', 'lint:js': 'eslint .' }) },
    head: { 'package.json': pack({ lint: 'npm run lint:js && npm run lint:css', 'lint:js': 'true' }) },
    claim: /^The script `lint:js`/,
  },
  {
    what: 'a hook put before a check',
    base: { 'package.json': pack({ test: 'vitest run' }) },
    head: { 'package.json': pack({ pretest: 'rm -r src/hard.test.ts', test: 'vitest run' }) },
    claim: /^The script `pretest`/,
  },
  {
    what: 'a hook of the set-up',
    base: { 'package.json': pack({ test: 'vitest run' }) },
    head: { 'package.json': pack({ postinstall: 'node patch-vitest.js', test: 'vitest run' }) },
    claim: /^The script `postinstall`/,
  },
  {
    what: 'a test file deleted',
    base: { 'src/a.test.ts': twoTests },
    head: { 'src/a.test.ts': null },
    claim: /^src\/a.test.ts, which had 2 tests, was deleted/,
  },
  {
    what: 'a test file emptied',
    base: { 'src/a.test.ts': twoTests },
    head: { 'src/a.test.ts': twoTests.replace(/^/gm, '// ') },
    claim: /^src\/a.test.ts, which had 2 tests, has none left/,
  },
  {
    what: 'a test file renamed to something no runner looks at',
    base: { 'src/a.test.ts': twoTests },
    head: { 'src/a.test.ts': null, 'src/a.ts': twoTests },
    claim: /^src\/a.test.ts, which had 2 tests, became src\/a.ts/,
  },
  {
    what: 'one test taken away',
    base: { 'src/a.test.ts': twoTests },
    head: { 'src/a.test.ts': twoTests.replace(/^.*takes.*\n/m, '') },
    claim: /^src\/a.test.ts had 2 tests and has 1/,
  },
  {
    what: 'a linter loosened',
    base: { '.oxlintrc.json': '{}\n' },
    head: { '.oxlintrc.json': '{ "rules": {} }\n' },
    claim: /^.oxlintrc.json, which configures what judges this change, was modified/,
  },
  {
    what: 'a configuration where there was none',
    base: {},
    head: { 'packages/a/vitest.config.ts': 'export default {}\n' },
    claim: /^packages\/a\/vitest.config.ts.* was added/,
  },
  {
    what: 'a coverage threshold in package.json',
    base: { 'package.json': pack({}, { jest: { coverageThreshold: { global: { lines: 90 } } } }) },
    head: { 'package.json': pack({}, { jest: { coverageThreshold: { global: { lines: 10 } } } }) },
    claim: /^The part of package.json that configures/,
  },
  {
    what: 'a section of pyproject.toml',
    base: { 'pyproject.toml': '[project]\nname = "a"\n[tool.ruff]\nselect = ["ALL"]\n' },
    head: { 'pyproject.toml': '[project]\nname = "a"\n[tool.ruff]\nselect = []\n' },
    claim: /^The part of pyproject.toml/,
  },
])('found: $what', async ({ base, head, claim }) => {
  const found = await judgesOf(base, head)

  expect(found).toMatchObject([
    { blocking: true, personOnly: true, seat: 'checks', claim: expect.stringMatching(claim) },
  ])
})

test('found: a line that keeps tests from running, in each of the languages it knows', async () => {
  const skips = {
    'src/skip.test.ts': "  it.skip('adds', () => {})",
    'src/only.test.ts': "describe.only('sums', () => {})",
    'src/todo.test.ts': "test.todo('adds')",
    'src/xit.test.ts': "xit('adds', () => {})",
    'test/xdescribe.js': "xdescribe('sums', () => {})",
    'src/options.test.ts': "test('adds', { skip: true }, () => {})",
    'tests/test_skip.py': '@pytest.mark.skip(reason="later")',
    'tests/test_skipif.py': '    @pytest.mark.skipif(True, reason="later")',
    'src/lib.rs': '    #[ignore]',
    'a_test.go': '\tt.Skip("later")',
    'src/test/java/ATest.java': '  @Disabled',
  }
  const texts = (more: (line: string) => string): Files =>
    Object.fromEntries(Object.entries(skips).map(([path, line]) => [path, `first line of ${path}\n${more(line)}`]))

  const found = await judgesOf(
    texts(() => ''),
    texts((line) => `${line}\n`),
  )

  expect(found.map((f) => [f.path, f.startLine, f.evidence]).sort()).toEqual(
    Object.entries(skips)
      .map(([path, line]) => [path, 2, `+${line.trim()}`])
      .sort(),
  )
  for (const one of found)
    expect(one).toMatchObject({
      blocking: true,
      personOnly: true,
      claim: expect.stringContaining('keeps tests from running'),
    })
})

test.each<{ what: string; base: Files; head: Files }>([
  {
    what: 'a test file renamed and added to',
    base: { 'src/a.test.ts': twoTests },
    head: { 'src/a.test.ts': null, 'src/sums.test.ts': `${twoTests}test('more', () => {})\n` },
  },
  {
    what: 'a test moved to another file',
    base: { 'src/a.test.ts': twoTests, 'src/b.test.ts': "test('b', () => {})\n" },
    head: {
      'src/a.test.ts': twoTests.replace(/^.*takes.*\n/m, ''),
      'src/b.test.ts': `test('b', () => {})\n${twoTests.split('\n')[1]}\n`,
    },
  },
  {
    what: 'a skip that was there before and moved',
    base: { 'src/a.test.ts': `${twoTests}test.skip('old', () => {})\n` },
    head: { 'src/a.test.ts': `test.skip('old', () => {})\n${twoTests}test('new', () => {})\n` },
  },
  {
    what: 'a test that runs again',
    base: { 'src/a.test.ts': "test.skip('adds', () => {})\n" },
    head: { 'src/a.test.ts': "test('adds', () => {})\n" },
  },
  {
    what: 'a script no check runs, a dependency, a version',
    base: { 'package.json': pack({ test: 'vitest run', start: 'node a.js' }, { version: '1.0.0' }) },
    head: {
      'package.json': pack(
        { test: 'vitest run', start: 'node b.js', seed: 'node seed.js' },
        { version: '1.1.0', dependencies: { zod: '^4' } },
      ),
    },
  },
  {
    what: 'the same scripts in another order',
    base: { 'package.json': pack({ test: 'vitest run', lint: 'oxlint' }) },
    head: { 'package.json': pack({ lint: 'oxlint', test: 'vitest run' }) },
  },
  {
    what: 'a skip that is none: code that skips, a comment, a regular expression',
    base: { 'src/a.ts': 'a\n', 'src/a.test.ts': twoTests },
    head: {
      'src/a.ts': 'rows.skip(10).only(5)\n',
      'src/a.test.ts': `// test.skip('x')\n${twoTests}test('skips', () => { expect(/a.skip/.test('b')).toBe(false) })\n`,
    },
  },
  {
    what: 'another part of pyproject.toml, a vite configuration without tests',
    base: {
      'pyproject.toml': '[project]\nname = "a"\n[tool.ruff]\nselect = ["ALL"]\n',
      'vite.config.ts': 'base: "/"\n',
    },
    head: {
      'pyproject.toml': '[project]\nname = "b"\n[tool.ruff]\nselect = ["ALL"]\n',
      'vite.config.ts': 'base: "/a"\n',
    },
  },
])('not found: $what', async ({ base, head }) => {
  expect(await judgesOf(base, head)).toEqual([])
})

test('the same touch has the same name on another base, and another touch another', async () => {
  const before = lines(30)
  const loosened = before.replace('rule 3\n', 'no rule 3\n')
  const [one] = await judgesOf({ 'biome.json': before }, { 'biome.json': loosened })
  const [moved] = await judgesOf({ 'biome.json': `// more\n${before}` }, { 'biome.json': `// more\n${loosened}` })
  const [other] = await judgesOf({ 'biome.json': before }, { 'biome.json': before.replace('rule 4\n', 'no rule 4\n') })

  expect(moved?.id).toBe(one?.id)
  expect(other?.id).not.toBe(one?.id)
  expect(one?.evidence).toBe('-rule 3\n+no rule 3')
})

const lines = (count: number): string => Array.from({ length: count }, (_, i) => `rule ${i}\n`).join('')

async function judgesOf(base: Files, head: Files): Promise<Finding[]> {
  await using repo = await testRepository()
  const judged = { base: await commitFiles(repo, { readme: 'x\n', ...base }), commit: await commitFiles(repo, head) }
  const repository = await repo.open()
  const touched = await changeOf(repository, judged, 's1')
  return await touchedJudges(repository, { storyId: 's1', judged, touched, config })
}

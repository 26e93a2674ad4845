/** What a search finds, the same by ripgrep in the jail and by our own over a commit. */
import { execFileSync } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Place, ToolResult } from '../agent.ts'
import { commitOf } from '../repository.ts'
import { jailed } from '../testing/jail-world.ts'
import { testRepository } from '../testing/repository.ts'
import { grepTool } from './grep.ts'
import { ripgrepIn } from './ripgrep.ts'
import { commitSource, type Source, worktreeSource } from './source.ts'

async function project() {
  const repo = await testRepository()
  const commit = await repo.commit({
    '.github/ci.yml': 'run: needle\n',
    '.gitignore': 'out/\n',
    'src/a.ts': 'one\nconst needle = 1\nthree\nfour\nfive\nNeedle\nseven\n',
    'src/b.py': 'needle = 2\nneedle = 3\n',
    'picture.png': Buffer.from([1, 0, 2, ...Buffer.from('needle')]),
  })
  await repo.write({ 'out/built.ts': 'needle\n' })
  await symlink('/etc/passwd', join(repo.root, 'leak'))
  const place: Place = { dir: repo.root, jail: jailed(), policy: { worktree: repo.root } }
  const search = await ripgrepIn(place)
  if (!search) throw new Error('There is no ripgrep here.')
  const sources: Record<string, Source> = {
    worktree: await worktreeSource(repo.root, { search }),
    commit: commitSource(await repo.open(), await commitOf(await repo.open(), commit)),
  }
  const grep = (source: string, query: object): Promise<ToolResult> =>
    grepTool(sources[source] as Source).run(query, { callId: 'c', signal: new AbortController().signal })
  return { repo, grep, [Symbol.asyncDispose]: () => repo[Symbol.asyncDispose]() }
}

const textOf = ({ content }: ToolResult): string => content.map((c) => (c.type === 'text' ? c.text : '')).join('')

const queries: [string, object, string[]][] = [
  [
    'a pattern everywhere, files with a dot too, what git ignores not',
    { pattern: 'needle' },
    ['.github/ci.yml:1:run: needle', 'src/a.ts:2:const needle = 1', 'src/b.py:1:needle = 2', 'src/b.py:2:needle = 3'],
  ],
  ['a type', { pattern: 'needle', type: 'py' }, ['src/b.py:1:needle = 2', 'src/b.py:2:needle = 3']],
  ['a glob by name', { pattern: 'needle', glob: '*.ts' }, ['src/a.ts:2:const needle = 1']],
  ['a glob by path', { pattern: 'n..dle', glob: 'src/**/*.ts' }, ['src/a.ts:2:const needle = 1']],
  ['a directory', { pattern: 'needle', path: '.github' }, ['.github/ci.yml:1:run: needle']],
  ['a file', { pattern: 'needle', path: 'src/a.ts' }, ['src/a.ts:2:const needle = 1']],
  ['only files', { pattern: 'needle', show: 'files' }, ['.github/ci.yml', 'src/a.ts', 'src/b.py']],
  ['counts', { pattern: 'needle', show: 'counts', path: 'src' }, ['src/a.ts:1', 'src/b.py:2']],
  [
    'lines around',
    { pattern: 'needle', type: 'ts', context: 1, ignoreCase: true },
    [
      'src/a.ts-1-one',
      'src/a.ts:2:const needle = 1',
      'src/a.ts-3-three',
      '--',
      'src/a.ts-5-five',
      'src/a.ts:6:Needle',
      'src/a.ts-7-seven',
    ],
  ],
  ['nothing', { pattern: 'haystack' }, ['No line matches.']],
]

test.each(queries)('%s', async (_, query, lines) => {
  await using it = await project()

  for (const source of ['worktree', 'commit'])
    expect([
      source,
      ...textOf(await it.grep(source, query))
        .split('\n')
        .sort(),
    ]).toEqual([source, ...lines.toSorted()])
})

test('a pattern that is none is refused with the reason, by either', async () => {
  await using it = await project()

  await expect(it.grep('worktree', { pattern: '(' })).rejects.toThrow(/unclosed group/)
  await expect(it.grep('commit', { pattern: '(' })).rejects.toThrow('no regular expression')
})

test('an option in place of a pattern or a path is none, and a configuration of the tree runs nothing', async () => {
  await using it = await project()
  await it.repo.write({ '.ripgreprc': '--pre=/bin/true\n', '--pre=sh': 'needle\n' })

  expect(textOf(await it.grep('worktree', { pattern: '--files' }))).toBe('No line matches.')
  expect(textOf(await it.grep('worktree', { pattern: 'needle', path: '--pre=sh' }))).toBe('--pre=sh:1:needle')
})

test('what lies outside is not found: neither by a link, nor by a path, nor by what a person hides', async () => {
  await using it = await project()
  execFileSync('ln', ['-s', '..', join(it.repo.root, 'up')])
  await it.repo.write({ secret: 'needle of the person\n' }, it.repo.dir)

  for (const path of ['up', '..', '/etc/hostname-of-nobody', `${it.repo.dir}/secret`])
    expect(await it.grep('worktree', { pattern: 'person|root:', path }).then(textOf, String)).not.toContain('person')
})

test('more than a model is given is cut, and said to be', async () => {
  await using it = await project()
  await it.repo.write({ 'many.txt': 'needle\n'.repeat(50_000), 'wide.txt': `needle ${'w'.repeat(5_000)}\n` })

  const many = textOf(await it.grep('worktree', { pattern: 'needle', path: 'many.txt' }))
  const wide = textOf(await it.grep('worktree', { pattern: 'needle', path: 'wide.txt' }))

  expect(many.split('\n')).toHaveLength(201)
  expect(many).toContain('(more match: make the pattern or the place narrower)')
  expect(wide.length).toBeLessThan(600)
})

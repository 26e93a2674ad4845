/** Tools on a tree an agent writes: useful inside, and no way out of it for the host. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { link, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AnyTool, ToolResult } from '../agent.ts'
import { openBeneath } from './beneath.ts'
import { readingTools } from './reading.ts'
import { worktreeSource } from './source.ts'
import { writingTools } from './writing.ts'

async function tree(files: Record<string, string> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'slc-tools-'))
  const root = join(dir, 'tree')
  await mkdir(root)
  await writeFile(join(dir, 'secret'), 'the secret')
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
  const tools: AnyTool[] = [...readingTools(await worktreeSource(root)), ...(await writingTools(root))]
  return {
    dir,
    root,
    use(name: string, input: unknown): Promise<ToolResult> {
      const tool = tools.find((t) => t.name === name)
      return tool
        ? tool.run(input, { callId: 'c', signal: new AbortController().signal })
        : Promise.reject(new Error(name))
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  }
}

const textOf = ({ content }: ToolResult): string =>
  content.map((c) => (c.type === 'text' ? c.text : `[${c.mediaType}]`)).join('')

// ── no way out ───────────────────────────────────────────────────────────────

test.each<[string, (t: { root: string; dir: string }) => Promise<unknown>, string]>([
  ['a link to a file', ({ root }) => symlink('/etc/passwd', join(root, 'x')), 'x'],
  ['a relative link', ({ root }) => symlink('../secret', join(root, 'x')), 'x'],
  ['a link to a directory', ({ root, dir }) => symlink(dir, join(root, 'd')), 'd/secret'],
  ['a link to the parent', ({ root }) => symlink('..', join(root, 'd')), 'd/secret'],
  [
    'a link to a link',
    async ({ root }) => [await symlink('../secret', join(root, 'a')), await symlink('a', join(root, 'x'))],
    'x',
  ],
  ['dots', async () => undefined, '../secret'],
  ['dots behind a directory', ({ root }) => mkdir(join(root, 'd')), 'd/../../secret'],
  ['an absolute path', async () => undefined, '/etc/passwd'],
])('%s leads neither a read nor a write out of the tree', async (_, prepare, path) => {
  await using t = await tree()
  await prepare(t)

  await expect(t.use('read', { path })).rejects.toThrow('out of the worktree')
  await expect(t.use('write', { path, content: 'mine' })).rejects.toThrow('out of the worktree')
  expect(await readFile(join(t.dir, 'secret'), 'utf8')).toBe('the secret')
})

test('a directory swapped for a link while it is walked shows nothing from outside', async () => {
  await using t = await tree({ 'd/secret': 'inside' })
  await symlink(t.dir, join(t.root, 'link'))
  const files = await openBeneath(t.root)
  await using _swapping = swapper(t.root)

  const read = new Map<string, number>()
  const seen = (what: string) => read.get(what) ?? 0
  for (let i = 0; i < 20_000 && (seen('inside') < 50 || seen('refused') < 200); i++) {
    const found = await files.read('d/secret').then(String, () => 'refused')
    read.set(found, seen(found) + 1)
  }

  expect([...read.keys()].sort()).toEqual(['inside', 'refused'])
})

/** A process that puts a link in the place of a directory and back, as fast as it can. */
function swapper(cwd: string): AsyncDisposable {
  const program = `const { renameSync: r } = require('node:fs')
    for (;;) { r('d', 'kept'); r('link', 'd'); r('d', 'link'); r('kept', 'd') }`
  const child = spawn(process.execPath, ['-e', program], { cwd, stdio: 'ignore' })
  const end = async () => {
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  return { [Symbol.asyncDispose]: end }
}

test.each(['.git/config', '.git', 'sub/.git/hooks/pre-commit', '.GIT/config', 'link/config'])(
  '%s is refused',
  async (path) => {
    await using t = await tree({ '.git/config': '[core]', 'sub/file': '' })
    await symlink('.git', join(t.root, 'link'))

    await expect(t.use('read', { path })).rejects.toThrow('.git')
    await expect(t.use('write', { path, content: '[core] fsmonitor=evil' })).rejects.toThrow('.git')
  },
)

test('a pipe does not hold the host, and is no file', async () => {
  await using t = await tree()
  execFileSync('mkfifo', [join(t.root, 'pipe')])

  await expect(t.use('read', { path: 'pipe' })).rejects.toThrow('no plain file')
})

test('links inside the tree are followed, as every tool of a project does', async () => {
  await using t = await tree({ 'packages/a/index.ts': 'export {}\n' })
  await symlink('packages', join(t.root, 'p'))
  await symlink(join(t.root, 'packages/a/index.ts'), join(t.root, 'absolute'))

  expect(textOf(await t.use('read', { path: 'p/a/index.ts' }))).toContain('export {}')
  expect(textOf(await t.use('read', { path: 'absolute' }))).toContain('export {}')
})

test('a file that shares its bytes with a cache outside is replaced, not written through', async () => {
  await using t = await tree()
  await link(join(t.dir, 'secret'), join(t.root, 'linked'))

  await t.use('write', { path: 'linked', content: 'mine' })

  expect(await readFile(join(t.dir, 'secret'), 'utf8')).toBe('the secret')
  expect(await readFile(join(t.root, 'linked'), 'utf8')).toBe('mine')
})

test('no descriptor stays open', async () => {
  await using t = await tree({ 'a/b/c': 'x' })
  const open = async () => (await import('node:fs')).readdirSync('/proc/self/fd').length
  await t.use('read', { path: 'a/b/c' })
  const before = await open()

  for (let i = 0; i < 50; i++) await t.use('read', { path: i % 2 ? 'a/b/c' : 'a/b/nothing' }).catch(() => undefined)
  for (let i = 0; i < 50; i++)
    await t.use('write', { path: i % 2 ? 'a/b/c' : '../out', content: 'x' }).catch(() => undefined)

  expect(await open()).toBe(before)
})

// ── useful inside ────────────────────────────────────────────────────────────

test('read numbers lines and says how to read on', async () => {
  await using t = await tree({ 'a.txt': 'one\ntwo\nthree\nfour\n' })

  expect(textOf(await t.use('read', { path: 'a.txt', offset: 2, limit: 2 }))).toBe(
    '     2\ttwo\n     3\tthree\n(1 more lines: read on from line 4)',
  )
  await expect(t.use('read', { path: 'b.txt' })).rejects.toThrow('There is no file b.txt.')
  await expect(t.use('read', { path: 'a.txt/b' })).rejects.toThrow('There is no file a.txt/b')
})

test('read shows a picture', async () => {
  await using t = await tree({ 'shot.png': 'not really' })

  expect((await t.use('read', { path: 'shot.png' })).content[0]).toMatchObject({
    type: 'image',
    mediaType: 'image/png',
  })
})

test('write makes directories and keeps the mode of what was there', async () => {
  await using t = await tree({ 'run.sh': 'old' })
  execFileSync('chmod', ['755', join(t.root, 'run.sh')])

  await t.use('write', { path: 'run.sh', content: 'new' })
  await t.use('write', { path: 'deep/er/file', content: 'x' })

  expect((await stat(join(t.root, 'run.sh'))).mode & 0o777).toBe(0o755)
  expect(await readFile(join(t.root, 'deep/er/file'), 'utf8')).toBe('x')
})

test('edit changes the one place that matches, and nothing when there are more', async () => {
  await using t = await tree({ 'a.ts': 'const a = 1\nconst b = 1\n' })

  const twice = await t.use('edit', { path: 'a.ts', old: '= 1', new: '= 2' })
  const once = await t.use('edit', { path: 'a.ts', old: 'b = 1', new: 'b = $&' })

  expect(twice.ok).toBe(false)
  expect(textOf(twice)).toContain('stands 2 times in a.ts, at lines 1, 2')
  expect(once.ok).toBe(true)
  expect(await readFile(join(t.root, 'a.ts'), 'utf8')).toBe('const a = 1\nconst b = $&\n')
})

test('edit says where it nearly matched', async () => {
  await using t = await tree({ 'a.ts': 'if (x) {\n    go()\n}\n' })

  const blanks = await t.use('edit', { path: 'a.ts', old: 'if (x) {\n  go()\n}', new: '' })
  const changed = await t.use('edit', { path: 'a.ts', old: 'if (x) {\n    stop()\n}', new: '' })

  expect(textOf(blanks)).toContain('at line 1 with other blanks')
  expect(textOf(changed)).toContain('differs at line 2')
})

test('edit keeps the line ends and the mark of a file that has others than a model writes', async () => {
  await using t = await tree({ 'a.cs': '\uFEFFclass A\r\n{\r\n  int x;\r\n}\r\n' })

  const edited = await t.use('edit', { path: 'a.cs', old: '{\n  int x;\n}', new: '{\n  int y;\n  int z;\n}' })

  expect(edited.ok).toBe(true)
  expect(await readFile(join(t.root, 'a.cs'), 'utf8')).toBe('\uFEFFclass A\r\n{\r\n  int y;\r\n  int z;\r\n}\r\n')
})

test('edit shows what it left, and what is there where nothing matched', async () => {
  await using t = await tree({ 'a.ts': 'one\ntwo\nfunction load(path: string) {\n  return path\n}\n' })

  const done = await t.use('edit', { path: 'a.ts', old: 'two', new: 'zwei\ndrei' })
  const none = await t.use('edit', { path: 'a.ts', old: 'function load(path) {', new: 'x' })

  expect(textOf(done)).toBe(
    'Changed a.ts at line 2.\n     1\tone\n     2\tzwei\n     3\tdrei\n     4\tfunction load(path: string) {\n     5\t  return path',
  )
  expect(textOf(none)).toContain('Most like it:\n     4\tfunction load(path: string) {')
})

test('read ends with a whole line where there is too much, and names what it does not read', async () => {
  const files = { 'big.txt': `${'x'.repeat(99)}\n`.repeat(1_000), 'long.txt': `${'y'.repeat(5_000)}\nend\n` }
  await using t = await tree({ ...files, 'a.ipynb': '{}', 'b.pdf': '%PDF', 'src/deep/found.ts': 'x' })

  const big = textOf(await t.use('read', { path: 'big.txt' }))

  expect(Buffer.byteLength(big)).toBeLessThan(28_200)
  expect(big).toMatch(/\((\d+) more lines: read on from line \d+\)$/)
  expect(textOf(await t.use('read', { path: 'long.txt' }))).toContain('… (3000 more characters)\n     2\tend')
  expect(textOf(await t.use('read', { path: 'a.ipynb' }))).toContain('a notebook')
  expect(textOf(await t.use('read', { path: 'b.pdf' }))).toContain('a PDF')
  await expect(t.use('read', { path: 'src/found.js' })).rejects.toThrow('There is: src/deep/found.ts.')
})

test('glob and grep see the project, not what it depends on, and not what links lead to', async () => {
  await using t = await tree({ 'src/a.ts': 'const key = 1\n', 'src/b.md': 'key\n', 'node_modules/x/a.ts': 'key\n' })
  await symlink('../secret', join(t.root, 'leak.ts'))

  const found = textOf(await t.use('grep', { pattern: 'k.y|secret', glob: '**/*.ts' }))

  expect(textOf(await t.use('glob', { pattern: '**/*.ts' }))).toBe('leak.ts\nsrc/a.ts')
  expect(found).toBe('src/a.ts:1:const key = 1')
})

test.for([
  ['**/*', '.github/workflows/ci.yml .npmrc src/.env.example src/a.ts'],
  ['*', '.npmrc'],
  ['.github/**', '.github/workflows/ci.yml'],
  ['**/*.yml', '.github/workflows/ci.yml'],
  ['{.npmrc,src/*.ts}', '.npmrc src/a.ts'],
  ['./src/*', 'src/.env.example src/a.ts'],
])('glob %s sees files whose names begin with a dot', async ([pattern = '', paths = '']) => {
  const files = ['.github/workflows/ci.yml', '.npmrc', 'src/.env.example', 'src/a.ts']
  await using t = await tree(Object.fromEntries(files.map((path) => [path, 'x\n'])))

  expect(textOf(await t.use('glob', { pattern }))).toBe(paths.split(' ').join('\n'))
})

test('a pattern that would never end is stopped', async () => {
  await using t = await tree({ 'a.txt': `${'a'.repeat(60)}!\n` })

  await expect(t.use('grep', { pattern: '^(a+)+$' })).rejects.toThrow('took too long')
})

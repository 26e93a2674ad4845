/** Each known class with what it finds, a harmless sibling it leaves alone, and what it does not know. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are programs as text
import { describe, expect, test } from 'vitest'
import { inspectHunks, type TouchedFile } from './vulnerabilities.ts'

/** A file that is new as a whole. */
const added = (head: string, path = 'src/new.ts') =>
  inspect(
    [{ path, head }],
    `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${head.split('\n').length} @@\n${head.replace(/^/gm, '+')}\n`,
  )
const inspect = (files: TouchedFile[], diff: string) => inspectHunks(diff, files)
const classes = (head: string) => added(head).map(({ cwe, line }) => `${cwe} ${line}`)

describe('finds', () => {
  test.each<[string, string, string[]]>([
    [
      'a request put into raw markup',
      "app.get('/hi', (c) => {\n  const name = c.req.query('name')\n  return c.html(page(raw(`<b>${name}</b>`)))\n})",
      ['CWE-79 3'],
    ],
    ['stored text put into raw markup', 'export const title = (note: Note) => raw(note.title)', ['CWE-79 1']],
    [
      'markup by replacing in text',
      "function highlight(text: string, query: string) {\n  return raw(text.replaceAll(query, '<mark>$&</mark>'))\n}",
      ['CWE-79 2'],
    ],
    ['markup over several lines', "return raw(\n  '<p>' +\n    note.body +\n    '</p>',\n)", ['CWE-79 1']],
    [
      'a page written with a request in it',
      "app.get('/', (c) => c.html(`<h1>Hello ${c.req.query('name')}</h1>`))",
      ['CWE-79 1'],
    ],
    [
      'innerHTML of what came',
      'const note = await answer.json()\ncard.innerHTML = `<h2>${note.title}</h2>`',
      ['CWE-79 2'],
    ],
    ['only the part that is not escaped', 'const a = raw(escapeHtml(x) + note.body)', ['CWE-79 1']],
    [
      'a path joined with a parameter',
      "app.get('/files/:name', (c) => c.body(readFileSync(join(FOLDER, c.req.param('name')))))",
      ['CWE-22 1'],
    ],
    [
      'a path that reached a function',
      "function load(name: string) {\n  const file = join(FOLDER, name)\n  return readFile(file, 'utf8')\n}\napp.get('/f', async (c) => c.text(await load(c.req.query('f') ?? '')))",
      ['CWE-22 3'],
    ],
    [
      'a path in a template',
      "app.get('/f', (c) => {\n  const { name } = c.req.param()\n  return c.body(createReadStream(`uploads/${name}`))\n})",
      ['CWE-22 3'],
    ],
    [
      'a shell command from a value',
      "import { exec } from 'node:child_process'\nexport const shrink = (name: string) => exec(`convert ${name} -resize 50% out.png`)",
      ['CWE-78 2'],
    ],
    ['a spawn through a shell', "spawn('convert ' + name, { shell: true })", ['CWE-78 1']],
    [
      'SQL in a template',
      "const rows = db.prepare(`SELECT * FROM notes WHERE title = '${title}'`).all()",
      ['CWE-89 1'],
    ],
    ['SQL by adding up', 'db.exec("DELETE FROM notes WHERE id = " + id)', ['CWE-89 1']],
    ['a password in the source', "const config = { password: 'correct-horse-battery' }", ['CWE-798 1']],
    ['a key that looks like one', "const client = connect('AKIAIOSFODNN7EXAMPLE')", ['CWE-798 1']],
    ['eval', 'const sum = eval(c.req.query("sum") ?? "")', ['CWE-95 1']],
    ['a function made of text', "const f = new Function('x', body)", ['CWE-95 1']],
    [
      'a redirect to where the request says',
      "app.get('/go', (c) => c.redirect(c.req.query('to') ?? '/'))",
      ['CWE-601 1'],
    ],
  ])('%s', (_, head, found) => {
    expect(classes(head)).toEqual(found)
  })
})

describe('leaves alone', () => {
  test.each<[string, string]>([
    ['markup we wrote', "const line = raw('<hr>')\nconst HEAD = '<!doctype html>'\nconst head = raw(HEAD)"],
    [
      'escaped text in raw markup',
      'const safe = escapeHtml(note.title)\nconst a = raw(`<b>${safe}</b>`)\nconst b = raw(escapeHtml(x).replaceAll(y, z))',
    ],
    ['markup by the tag that escapes', 'const a = html`<b>${note.title}</b>`\nconst b = raw(html`<i>${x}</i>`.markup)'],
    ['a page made elsewhere', "app.get('/', (c) => c.html(boardPage(store.list()).markup))"],
    ['text content', 'card.textContent = note.title\nif (card.innerHTML === note.title) stop()'],
    [
      'the base name of a parameter',
      "app.get('/f/:n', (c) => c.body(readFileSync(join(FOLDER, basename(c.req.param('n'))))))",
    ],
    [
      'a path that is checked',
      "app.get('/f/:n', (c) => {\n  const file = resolve(FOLDER, c.req.param('n'))\n  if (!file.startsWith(FOLDER + sep)) return c.notFound()\n  return c.body(readFileSync(file))\n})",
    ],
    [
      'a path of our own',
      "const css = readFileSync(join(FOLDER, 'board.css'))\nconst again = (name: string) => readFileSync(join(FOLDER, name))\nagain('a.css')",
    ],
    [
      'a command without a shell',
      "execFile('convert', [name, 'out.png'])\nspawn('git', ['log', rev], { shell: false })",
    ],
    ['a fixed command', "const LIST = 'ls -l'\nexecSync(LIST)\nconst found = /a(b)/.exec(text)"],
    [
      'SQL with parameters',
      "db.prepare('SELECT * FROM notes WHERE title = ?').get(title)\nsql`SELECT * FROM notes WHERE id = ${id}`",
    ],
    ['words that look like SQL', 'const a = `Select a note from ${name}`'],
    [
      'a secret from the environment',
      "const token = process.env.TOKEN ?? ''\nconst passwordField = 'Password, please'",
    ],
    ['eval in a comment or a text', "// eval(x) is never used\nconst words = 'eval(x)'"],
    ['a redirect of our own', "c.redirect('/')\nc.redirect(`/notes/${encodeURIComponent(c.req.query('id') ?? '')}`)"],
    [
      'a redirect that is checked',
      "app.get('/go', (c) => {\n  const to = c.req.query('to') ?? '/'\n  if (!ALLOWED.has(to)) return c.notFound()\n  return c.redirect(to)\n})",
    ],
  ])('%s', (_, head) => {
    expect(classes(head)).toEqual([])
  })
})

describe('does not know', () => {
  test.each<[string, string]>([
    [
      'a request to an address from outside (CWE-918)',
      "app.get('/fetch', async (c) => c.text(await (await fetch(c.req.query('url') ?? '')).text()))",
    ],
    ['a missing check (CWE-862)', "app.delete('/all', (c) => {\n  store.clear()\n  return c.body(null, 204)\n})"],
    ['weak randomness (CWE-338)', 'const session = Math.random().toString(36)'],
    ['a pattern that takes for ever (CWE-1333)', 'const bad = /(a+)+$/.test(input)'],
  ])('%s', (_, head) => {
    expect(added(head)).toEqual([])
  })
})

describe('blames', () => {
  const base = 'export function show(note: Note) {\n  return raw(note.title)\n}\n'

  test('nothing that was there before', () => {
    const head = `${base}export const one = 1\n`

    expect(
      inspect([{ path: 'a.ts', base, head }], '--- a/a.ts\n+++ b/a.ts\n@@ -3,0 +4,1 @@\n+export const one = 1\n'),
    ).toEqual([])
  })

  test('nothing that only moved', () => {
    const head = `export const one = 1\n\n${base}`
    const all = head.split('\n')

    expect(
      inspect(
        [{ path: 'a.ts', base, head }],
        `--- a/a.ts\n+++ b/a.ts\n@@ -1,4 +1,${all.length} @@\n${all.map((line) => `+${line}`).join('\n')}\n`,
      ),
    ).toEqual([])
  })

  test('the added line through which text now reaches old raw markup', () => {
    const before = 'const words = escapeHtml(note.title)\nconst title = raw(words)\n'
    const after = 'const words = note.title\nconst title = raw(words)\n'

    const found = inspect(
      [{ path: 'a.ts', base: before, head: after }],
      '--- a/a.ts\n+++ b/a.ts\n@@ -1,2 +1,2 @@\n-const words = escapeHtml(note.title)\n+const words = note.title\n const title = raw(words)\n',
    )

    expect(found).toMatchObject([
      { cwe: 'CWE-79', line: 1, evidence: 'a.ts:2: const title = raw(words)\na.ts:1: const words = note.title' },
    ])
  })

  test('a use in one file for a value from another', () => {
    const load = 'export function load(name: string) {\n  return readFileSync(join(FOLDER, name))\n}'
    const app = "app.get('/f/:n', (c) => c.body(load(c.req.param('n'))))"
    const diff = `--- /dev/null\n+++ b/load.ts\n@@ -0,0 +1,3 @@\n${load.replace(/^/gm, '+')}\n--- /dev/null\n+++ b/app.ts\n@@ -0,0 +1 @@\n+${app}\n`

    const found = inspect(
      [
        { path: 'load.ts', head: load },
        { path: 'app.ts', head: app },
      ],
      diff,
    )

    expect(found).toMatchObject([
      {
        cwe: 'CWE-22',
        path: 'load.ts',
        line: 2,
        owasp: expect.stringContaining('A01:2021'),
        evidence: expect.stringContaining('app.ts:1:'),
      },
    ])
  })

  test('no test, where text like this is what is tested', () => {
    expect(added("const page = raw(note.title)\nconst token = 'abcdefgh1234'", 'src/page.test.ts')).toEqual([])
  })
})

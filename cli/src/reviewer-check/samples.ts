/** A small repository and changes to it that a reviewer is tried on: each a branch of its own. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeRepository } from '@sluice/demo/repository.ts'
import { patchId, treeOf } from '@sluice/kit/diff.ts'
import { git } from '@sluice/kit/git.ts'
import { openRepository, type Repository } from '@sluice/kit/repository.ts'
import type { Judged } from '@sluice/proto/parts.ts'

export type SampleName = 'clean' | 'fault' | 'second-round' | 'large' | 'names'
export type Sample = { name: SampleName; judged: Judged }

/** Where a reviewer that looks for faults might find one; whether it does is told and not judged. */
export const PLANTED = 'src/login.js'

export async function makeSamples(dir: string): Promise<{ repository: Repository; samples: Sample[] }> {
  await makeRepository(dir, 'Log in', () => {
    mkdirSync(join(dir, 'src'), { recursive: true })
    for (const [path, text] of Object.entries(BASE)) writeFileSync(join(dir, path), text)
  })
  const repository = await openRepository(dir)
  const base = await repository.head('main')
  await git({ gitDir: repository.commonDir }, ['fast-import', '--quiet'], { input: importOf(base) })
  const samples = await Promise.all(
    changes.map(async ({ name }): Promise<Sample> => {
      const commit = await repository.head(`sample-${name}`)
      const [tree, patch] = await Promise.all([treeOf(repository, commit), patchId(repository, base, commit)])
      return { name, judged: { base, commit, tree, patchId: patch } }
    }),
  )
  return { repository, samples }
}

const BASE = {
  'README.md': '# Login\n\nA login, to try reviewers on.\n',
  'src/login.js': 'export function login(db, name) {\n  return db.find({ name })\n}\n',
  'src/greet.js': 'export const greet = (name) => "Hello, " + name\n',
}

const clean = 'export const greet = (name = "you") => "Hello, " + name\n'
// Put together here so that nobody's scanner takes this file for what it plants.
const planted = [
  'export function login(db, name) {',
  `  const ${'password'} = "hunter2-${'correct-horse'}"`,
  '  console.log("login", name, password) // TODO: take this out',
  '  return db.query("SELECT * FROM users WHERE name = \'" + name + "\'")',
  '}',
  '',
].join('\n')
const mended = 'export function login(db, name) {\n  return db.find({ name: String(name) })\n}\n'
const manyLines = (n: number): string =>
  Array.from({ length: 4_000 }, (_, i) => `export const value${n}_${i} = ${i} // line ${i} of file ${n}`).join('\n')

const changes: readonly { name: SampleName; files: Readonly<Record<string, string>> }[] = [
  { name: 'clean', files: { 'src/greet.js': clean } },
  { name: 'fault', files: { [PLANTED]: planted } },
  { name: 'second-round', files: { 'src/login.js': mended, 'src/greet.js': clean } },
  {
    name: 'large',
    files: Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`src/large-${n}.js`, `${manyLines(n)}\n`])),
  },
  {
    name: 'names',
    files: {
      ...{ 'src/größe 日本.js': 'export const größe = "日本語 🎏"\n', "src/it's here.js": 'export const here = 1\n' },
      ...{ '-dash.js': 'export const dash = "-"\n', 'src/tab\there.js': 'export const tab = "\\t"\n' },
      ...{ 'src/"quoted".js': "export const quoted = '\"'\n", 'no-end.txt': 'no newline at the end' },
    },
  },
]

/** As git-fast-import(1) reads it. */
function importOf(base: string): Buffer {
  const parts = changes.flatMap(({ name, files }) => [
    `commit refs/heads/sample-${name}\ncommitter Sluice Check <check@sluice.invalid> 1700000000 +0000\n`,
    `${dataOf(`Sample: ${name}`)}from ${base}\n`,
    ...Object.entries(files).map(([path, text]) => `M 100644 inline ${quoted(path)}\n${dataOf(text)}`),
  ])
  return Buffer.from(parts.join(''))
}

const dataOf = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`
const quoted = (path: string): string => `"${path.replaceAll('"', '\\"').replaceAll('\t', '\\t')}"`

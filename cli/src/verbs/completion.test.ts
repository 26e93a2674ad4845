/** The shells themselves finish what is typed, from the script that is printed for them. */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { until } from '../testing/story.ts'
import { startWeb, type TestWeb } from '../testing/web.ts'

let dir: string
let web: TestWeb
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slc-completion-'))
  web = await startWeb(new Map([['s1', until('gate.opened')]]))
  // The script calls `sluice` as the person does.
  const entry = fileURLToPath(new URL('../sluice.ts', import.meta.url))
  await writeFile(join(dir, 'sluice'), `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`)
  await chmod(join(dir, 'sluice'), 0o755)
})
afterAll(async () => {
  await web[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

const typed: [string, string[], string][] = [
  ['a verb', ['do'], 'doctor'],
  ['a verb of a group', ['story', 'appr'], 'approve'],
  ['an option', ['story', 'list', '--j'], '--json'],
  ['the id of a story', ['story', 'show', 's'], 's1'],
  ['a word to choose', ['completion', 'fi'], 'fish'],
]

test.each(typed)('bash finishes %s', async (_what, words, whole) => {
  const line = ['sluice', ...words].map((word) => `'${word}'`).join(' ')
  const ask = `eval "$(sluice completion bash)"; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _sluice; echo "\${COMPREPLY[@]}"`

  const { stdout } = await promisify(execFile)('bash', ['-c', ask], {
    env: { ...process.env, PATH: `${dir}:${process.env.PATH}`, SLUICE_DATA: web.data },
  })

  expect(stdout.trim()).toBe(whole)
})

test('each shell has a script; another one is told which there are', async () => {
  const said = await Promise.all(['bash', 'zsh', 'fish', 'csh'].map((shell) => sluice(['completion', shell])))

  expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 2])
  expect(said[3]?.stderr).toContain('bash|zsh|fish')
})

/** Which parts of a person's machine their tools need, and which are never among them. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { tokensIn, toolchainRoots, toolEnv, toolPath } from './toolchains.ts'

function homeWith(...dirs: string[]): string {
  const home = mkdtempSync(join(tmpdir(), 'slc-home-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  for (const dir of dirs) mkdirSync(join(home, dir), { recursive: true })
  return home
}

const below = (home: string, ...dirs: string[]): string => dirs.map((dir) => join(home, dir)).join(':')

test('a version manager’s tools come with the root they are installed in', () => {
  const home = homeWith('.nvm/versions/node/v24/bin', '.pyenv/shims', '.cargo/bin', '.rustup')
  const PATH = below(home, '.nvm/versions/node/v24/bin', '.pyenv/shims', '.cargo/bin')

  const roots = toolchainRoots({ HOME: home, PATH })

  const expected = ['.nvm/versions/node/v24', '.pyenv', '.cargo', '.rustup'].map((dir) => join(home, dir))
  expect(roots).toEqual(expect.arrayContaining(expected))
})

test('a bin directory in the home never shows the home, nor where all programs keep their things', () => {
  const home = homeWith('bin', '.local/bin', '.local/share')
  const env = { HOME: home, PATH: below(home, 'bin', '.local/bin'), PNPM_HOME: join(home, '.local/share'), GOROOT: '/' }

  const roots = toolchainRoots(env)

  expect(roots).toEqual([join(home, 'bin'), join(home, '.local/bin')])
})

test('a tool that is a link on PATH comes with where it leads', () => {
  const home = homeWith('.local/bin', '.local/share/uv/tools/ruff/bin')
  writeFileSync(join(home, '.local/share/uv/tools/ruff/bin/ruff'), '')
  symlinkSync(join(home, '.local/share/uv/tools/ruff/bin/ruff'), join(home, '.local/bin/ruff'))

  const roots = toolchainRoots({ HOME: home, PATH: below(home, '.local/bin') })

  expect(roots).toContain(join(home, '.local/share/uv/tools/ruff'))
})

test('the tools npm puts in front of PATH are Sluice’s own, not the project’s', () => {
  const home = homeWith('app/node_modules/.bin', 'tools')

  expect(toolPath({ PATH: below(home, 'app/node_modules/.bin', 'tools', 'gone') })).toEqual([join(home, 'tools')])
})

test('tokens that tools keep beside themselves are named, to be hidden', () => {
  const home = homeWith('.cargo', '.nvm/v24/etc')
  writeFileSync(join(home, '.cargo/credentials.toml'), '')
  writeFileSync(join(home, '.nvm/v24/etc/npmrc'), '')

  const found = tokensIn([join(home, '.cargo'), join(home, '.nvm/v24')])

  expect(found).toEqual([join(home, '.cargo/credentials.toml'), join(home, '.nvm/v24/etc/npmrc')])
})

test('what a tool keeps beside its programs for its person alone is named too, unless all of it is as private', () => {
  const home = homeWith('.docker/bin', '.shut/bin')
  chmodSync(join(home, '.shut/bin'), 0o700)
  for (const root of ['.docker', '.shut']) {
    writeFileSync(join(home, root, 'config.json'), '{}', { mode: 0o600 })
    writeFileSync(join(home, root, 'version'), '1', { mode: 0o644 })
  }

  expect(tokensIn([join(home, '.docker'), join(home, '.shut')])).toEqual([join(home, '.docker/config.json')])
})

test('a registry’s address comes along, the login in it and the token beside it do not', () => {
  const home = homeWith()
  writeFileSync(join(home, '.npmrc'), 'registry=https://ada:pw@npm.example/\n//npm.example/:_authToken=abc\n')

  const env = toolEnv({ HOME: home, PIP_INDEX_URL: 'https://ada:pw@pypi.example/simple', NPM_TOKEN: 'abc' })

  expect(env).toEqual({ npm_config_registry: 'https://npm.example/', PIP_INDEX_URL: 'https://pypi.example/simple' })
})

/** `sluice up` as a person meets it: the demo comes up by itself, and whatever is wrong is one sentence. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { configFile } from '@sluice/kit/paths.ts'
import { testRepository } from '@sluice/kit/testing/repository.ts'
import { Board } from '@sluice/proto/rest.ts'
import { expect, test, vi } from 'vitest'
import { processesOf } from './testing/processes.ts'
import { up } from './up.ts'

/** A home of the test's own, in `dir`; a key that works nowhere. */
function atHome(dir: string, more: Record<string, string> = {}) {
  const own = { SLUICE_DATA: join(dir, 'share'), XDG_CONFIG_HOME: join(dir, 'config'), GIT_CONFIG_GLOBAL: '/dev/null' }
  const env = { ...own, ANTHROPIC_API_KEY: 'sk-ant-no-key', ANTHROPIC_AUTH_TOKEN: '', ...more }
  vi.unstubAllEnvs()
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  return env
}

test('without --repo it is the demo, whatever keys there are, until it is told to stop', async () => {
  await using place = await testRepository()
  const env = { ...process.env, ...atHome(place.dir) }
  const dir = join(place.dir, 'share', 'demo')
  const sluice = join(import.meta.dirname, 'sluice.ts')
  const running = spawn(process.execPath, [sluice, 'up', '--implementers', '1'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = [text(running.stdout), text(running.stderr)]
  const [first] = (await once(running.stdout, 'data')) as [Buffer]
  const address = new URL(/Page\s+(\S+)/.exec(String(first))?.[1] ?? '')
  const headers = { authorization: `Bearer ${address.searchParams.get('token')}` }
  const cards = async () =>
    Board.parse(await (await fetch(`${address.origin}/api/stories`, { headers })).json()).cards.map(
      ({ title }) => title,
    )
  await vi.waitUntil(async () => (await cards()).length === 3, 20_000)

  const second = await up.run([]).catch((error: unknown) => error)
  running.kill('SIGTERM')
  await once(running, 'exit')

  expect(running.exitCode).toBe(0)
  expect(String(second)).toContain(`Sluice already runs on ${dir} (process ${running.pid}, on ${address.origin}).`)
  expect(await out).toMatch(/Demo .*\n.*Model +none: the demo’s scripted model plays it/)
  expect(await err).not.toMatch(/again:/)
  expect(processesOf(dir)).toEqual([])
}, 120_000)

test.each([
  ['no repository', ['rm', '-rf', '.git'], 'is not a git repository. Make it one: git init'],
  ['no commit', ['sh', '-c', 'rm -rf .git; git init -q'], 'has no commits yet. Make a first one: git add -A'],
  ['no branch', ['git', 'checkout', '-q', '--detach'], 'has no branch checked out. Check one out'],
  ['nobody', ['git', 'config', '--remove-section', 'user'], 'git does not know who you are. Tell it: git config'],
])('a repository with %s is refused', async (_, [program = '', ...args], sentence) => {
  await using place = await testRepository()
  await place.commit({ a: 'a' })
  execFileSync(program, args, { cwd: place.root })
  atHome(place.dir, { GIT_CONFIG_NOSYSTEM: '1', GIT_CEILING_DIRECTORIES: place.dir })

  await expect(up.run(['--repo', place.root])).rejects.toThrow(sentence)
})

test('a repository of one’s own needs a key', async () => {
  await using place = await testRepository()
  await place.commit({ a: 'a' })
  atHome(place.dir, { ANTHROPIC_API_KEY: '' })

  await expect(up.run(['--repo', place.root])).rejects.toThrow(
    'There is no key for a model. Set ANTHROPIC_API_KEY to yours',
  )
})

test('a port that was asked for is refused when it is taken', async () => {
  await using place = await testRepository()
  await place.commit({ a: 'a' })
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  atHome(place.dir)

  const asked = up.run(['--repo', place.root, '--port', String(port)])

  await expect(asked).rejects.toThrow(`Port ${port} is taken. Stop what listens there, or leave the port out`)
  server.close()
})

test('a misspelt setting is refused with its file and key', async () => {
  await using place = await testRepository()
  atHome(place.dir)
  mkdirSync(dirname(configFile()), { recursive: true })
  writeFileSync(configFile(), 'budget:\n  eur: 3\n')

  await expect(up.run([])).rejects.toThrow(`${configFile()}: there is no setting \`budget.eur\`.`)
})

test.each([
  ['--prot', ['--prot', '1'], "Unknown option '--prot'."],
  ['a port that is none', ['--port', 'x'], '--port x is no number from 1 to 65535.'],
  ['a budget that is none', ['--budget', '-1'], 'is ambiguous'],
  ['a budget of nothing', ['--budget', '0'], '0 is no amount of US dollars.'],
])('%s is answered with how it is called', async (_, args, sentence) => {
  const run = up.run(args)

  await expect(run).rejects.toMatchObject({ name: 'Misuse' })
  await expect(run).rejects.toThrow(sentence)
  await expect(run).rejects.toThrow('Usage: sluice up [--repo PATH]')
})

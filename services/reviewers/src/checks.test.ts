/** The seat without a model: the project's own commands on a clean checkout, and what their outcome means. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dependenciesOf } from '@sluice/kit/dependencies.ts'
import { installedProject } from '@sluice/kit/testing/installed-project.ts'
import { expect, test } from 'vitest'
import { runChecks } from './check-runs.ts'
import { checks } from './checks.ts'
import { finding, reviewWorld } from './testing/world.ts'

const only = (command: string, name = 'test') => ({ config: { checks: [{ name, command }] } })

test('green checks sign, with the exit code and the log of each', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const means = world.means()
  const config = {
    setup: 'echo made > made',
    checks: [
      { name: 'types', command: 'cat made' },
      { name: 'test', command: 'grep b a' },
    ],
  }

  const verdict = await world.verdict(checks, { config }, means)

  expect(verdict).toMatchObject({ seat: 'checks', verdict: 'approve', judged: world.judged, findings: [] })
  expect(verdict.checks).toMatchObject([
    { name: 'set-up', command: 'echo made > made', exitCode: 0, timedOut: false },
    { name: 'types', command: 'cat made', exitCode: 0, timedOut: false },
    { name: 'test', command: 'grep b a', exitCode: 0, timedOut: false },
  ])
  const logs = await Promise.all((verdict.checks ?? []).map(async ({ log }) => String(await means.artifacts.get(log))))
  expect(logs).toEqual(['', 'made\n', 'b\n'])
  expect(verdict.summary).toBe('set-up green, types green, test green.')
})

test('a red check is in the way, with the end of its log', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const command = String.raw`seq 100; printf '\033[31mnot ok\033[0m at %s/a\n' "$PWD"; echo "npm error Lifecycle script failed"; exit 3`

  const verdict = await world.verdict(checks, only(command))

  expect(verdict).toMatchObject({ verdict: 'reject', checks: [{ exitCode: 3 }] })
  expect(verdict.findings).toMatchObject([
    { seat: 'checks', severity: 'high', blocking: true, claim: 'The check `test` fails: it ended with 3.' },
  ])
  expect(verdict.findings[0]?.evidence).toMatch(/99\n100\nnot ok at a$/)
  expect(verdict.findings[0]?.evidence).not.toContain('\n50\n')
})

test('every check runs, also after a red one', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const config = {
    checks: [
      { name: 'lint', command: 'false' },
      { name: 'test', command: 'false' },
    ],
  }

  const verdict = await world.verdict(checks, { config })

  expect(verdict.findings.map((f) => f.claim)).toEqual([
    'The check `lint` fails: it ended with 1.',
    'The check `test` fails: it ended with 1.',
  ])
})

test('a set-up that fails is in the way, and no check runs after it', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })

  const verdict = await world.verdict(checks, {
    config: { setup: 'echo no such registry; exit 1', checks: [{ name: 'test', command: 'true' }] },
  })

  expect(verdict.verdict).toBe('reject')
  expect(verdict.findings).toMatchObject([
    {
      claim: 'The set-up of a clean checkout fails: it ended with 1.',
      evidence: expect.stringContaining('no such registry'),
    },
  ])
  expect(verdict.checks?.map((c) => c.name)).toEqual(['set-up'])
})

test('a check that does not end is ended, and is red', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const repository = await world.repo.open()
  const config = { setup: null, checks: [{ name: 'test', command: 'echo begun; sleep 86400' }] }

  const ran = await runChecks(repository, {
    ...{ judged: world.judged, config, projectId: 'p1', means: world.means() },
    limits: { setUpMs: 60_000, checkMs: 1_500 },
  })

  expect(ran).toMatchObject([{ exitCode: null, timedOut: true, tail: 'begun' }])
})

test('what was not committed does not help', async () => {
  await using world = await reviewWorld({ base: { '.gitignore': 'cache\n' }, head: { a: 'b\n' } })
  await world.repo.write({ cache: 'ignored\n', new: 'untracked\n', a: 'changed\n' })

  const verdict = await world.verdict(checks, only('test ! -e cache && test ! -e new && grep b a'))

  expect(verdict.verdict).toBe('approve')
})

test('the commands are those of the request, whatever the judged tree says', async () => {
  const yaml = 'checks:\n  test: "true"\n'
  await using world = await reviewWorld({
    base: { 'sluice.yaml': 'checks:\n  test: "false"\n' },
    head: { 'sluice.yaml': yaml },
  })

  const verdict = await world.verdict(checks, only('false'))

  expect(verdict.checks).toMatchObject([{ command: 'false', exitCode: 1 }])
  expect(verdict.findings.map((f) => f.claim)).toEqual([
    'The check `test` fails: it ended with 1.',
    'sluice.yaml, which says how this project is judged, was modified.',
  ])
})

test('a request that is wrong about its own commit is not judged', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const judged = { ...world.judged, tree: 'f'.repeat(40) }

  await expect(world.verdict(checks, { ...only('true'), judged })).rejects.toThrow(/does not hold together/)
})

test('test runners are told that nobody watches', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })

  expect(await world.verdict(checks, only('test "$CI" = true'))).toMatchObject({ verdict: 'approve' })
})

test('checks run in the jail', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  await writeFile(join(world.dataDir, 'token'), 'secret')

  const verdict = await world.verdict(
    checks,
    only(`test ! -e ${world.dataDir}/token && test ! -e ${world.repo.root}/a`),
  )

  expect(verdict.verdict).toBe('approve')
})

test('a project without checks is said to have none, and nobody is held up', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })

  const verdict = await world.verdict(checks)

  expect(verdict).toMatchObject({ verdict: 'approve', checks: [], findings: [{ severity: 'info', blocking: false }] })
  expect(verdict.findings[0]?.claim).toContain('names no checks')
})

test('the tree that lands is checked itself: the same commands, on that commit', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const judged = await world.again({ a: 'c\n' })

  const verdict = await world.verdict(checks, { ...only('grep c a'), judged, landing: true, seats: ['checks'] })

  expect(verdict).toMatchObject({ verdict: 'approve', judged })
})

test('what an attempt left that was killed is cleared away, and the next comes to the same verdict', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const change = only('cat a; test ! -e left; touch left; exit 1')
  const undisturbed = await world.verdict(checks, change, world.means({ attempt: 1 }))
  await mkdir(join(world.dataDir, 'checks-2', 'node_modules'), { recursive: true })
  await writeFile(join(world.dataDir, 'checks-2', 'left'), '')

  const again = await world.verdict(checks, change, world.means({ attempt: 3 }))

  const judgedOf = ({ checks: _, ...rest }: typeof again) => rest
  expect(judgedOf(again)).toEqual(judgedOf(undisturbed))
  expect((await readdir(world.dataDir)).filter((name) => name.startsWith('checks-'))).toEqual([])
})

test('an attempt that wakes late does not take away the checkout of the one after it', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const later = join(world.dataDir, 'checks-3')
  await mkdir(later)

  await world.verdict(checks, only('true'), world.means({ attempt: 2 }))

  expect(existsSync(later)).toBe(true)
})

test('what set-up installed for the lock file is used again, and set-up is not run; for another lock file it is', async () => {
  const setup = 'npm ci --offline --no-audit --no-fund'
  const project = await installedProject()
  await using world = await reviewWorld({ base: { ...project, a: 'a\n' }, head: { a: 'b\n' } })
  const repository = await world.repo.open()
  const job = { dataDir: world.dataDir, projectId: 'p1', command: setup, commit: world.judged.base }
  const { jail } = await world.means().workshop.jailed(world.repo.root)
  await using kept = await dependenciesOf({ ...job, repository, jail, log: world.means().log })
  const made = join(world.dataDir, 'made')
  await mkdir(join(made, 'node_modules/greeting'), { recursive: true })
  await writeFile(join(made, 'node_modules/greeting/index.js'), 'module.exports = "kept"\n')
  await kept?.keep(made)
  const config = { setup, checks: [{ name: 'test', command: `node -p 'require("greeting")'` }] }

  const same = await world.verdict(checks, { config })
  const lock = JSON.parse(String(project['package-lock.json']))
  const judged = await world.again({ 'package-lock.json': JSON.stringify(lock) })
  const other = await world.verdict(checks, { config, judged })

  const logOf = async ({ checks: ran }: typeof same) =>
    String(await world.means().artifacts.get(ran?.at(-1)?.log ?? { sha256: '' })).trim()
  expect([same.checks?.map(({ name }) => name), await logOf(same)]).toEqual([['test'], 'kept'])
  expect([other.checks?.map(({ name }) => name), await logOf(other)]).toEqual([['set-up', 'test'], 'hello'])
})

test('a check has the files that the person lists, and no others', async () => {
  await using world = await reviewWorld({ base: { '.gitignore': '.env*\n' }, head: { a: 'b\n' } })
  await world.repo.write({ '.env.test': 'A=1\n', '.env': 'SECRET\n' })
  const means = world.means()
  means.workshop.copy = ['.env.test']

  const verdict = await world.verdict(checks, only('grep A=1 .env.test && test ! -e .env'), means)

  expect(verdict.verdict).toBe('approve')
})

test('told to stop, it stops the command and says nothing', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const stop = new AbortController()
  const means = world.means({ signal: stop.signal })
  const begun = new Promise<number>((resolve) => {
    means.workshop.started = (pid) => resolve(pid)
  })

  const judging = world.verdict(checks, only('sleep 86400'), means)
  const pid = await begun
  stop.abort(new Error('SIGTERM'))

  await expect(judging).rejects.toThrow('SIGTERM')
  expect(() => process.kill(pid, 0)).toThrow()
})

test('an old finding stands when the same is found again, and is gone when it is not', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const red = finding({ id: 'f-red', seat: 'checks', claim: 'The check `test` fails: it ended with 1.' })
  const lint = finding({ id: 'f-lint', seat: 'checks', claim: 'The check `lint` fails: it ended with 1.' })

  const verdict = await world.verdict(checks, { ...only('false'), round: 2, earlier: [red, lint, finding({})] })

  expect(verdict.earlier).toMatchObject([
    { findingId: 'f-red', resolved: false, note: expect.stringContaining(verdict.findings[0]?.id ?? '?') },
    { findingId: 'f-lint', resolved: true },
  ])
})

test('a red check has one name on one tree and another on the next, so a dismissal reaches no further', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  const ids = async (change: object) =>
    (await world.verdict(checks, { ...only('false'), ...change })).findings.map((f) => f.id)
  const [here] = await ids({})

  expect(await ids({ landing: true })).toEqual([here])
  expect(await ids({ judged: await world.again({ a: 'c\n' }) })).not.toContain(here)
})

test('a check may use git on its checkout', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })

  const verdict = await world.verdict(
    checks,
    only(`test "$(git rev-parse HEAD)" = ${world.judged.commit} && git diff --exit-code`),
  )

  expect(verdict.verdict).toBe('approve')
  expect(
    execFileSync('git', ['worktree', 'list'], { cwd: world.repo.root, encoding: 'utf8' }).trim().split('\n'),
  ).toHaveLength(1)
})

/** Set-up in a small checkout of its own, with an npm that writes down what it was asked. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { exitCode, freshCheckout, INSTALL, outcome, said } from './fresh-checkout.ts'

test('a fresh checkout gets its dependencies, and a word while it waits', async () => {
  await using checkout = await freshCheckout()

  const { code, stdout, stderr } = await checkout.setUp()

  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toMatch(
    /^sluice set-up: installing dependencies …\nsluice set-up: installed dependencies \(\d+ s\)\n$/,
  )
  expect(await checkout.npmCalls()).toEqual(['ci'])
})

test('when everything is in place nothing is run and nothing is said', async () => {
  await using checkout = await freshCheckout()
  await checkout.setUp('--page')
  const callsThen = await checkout.npmCalls()

  const again = await checkout.setUp('--page')

  expect(again).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await checkout.npmCalls()).toEqual(callsThen)
})

test('a changed lock file is installed anew', async () => {
  await using checkout = await freshCheckout()
  await checkout.setUp()
  await checkout.write('package-lock.json', '{ "lockfileVersion": 3, "changed": true }')

  await checkout.setUp()

  expect(await checkout.npmCalls()).toEqual(['ci', 'ci'])
})

test('an install that was killed half way is done again', async () => {
  await using checkout = await freshCheckout()
  await checkout.npm(`${INSTALL}; kill -9 $PPID`)
  const killed = await checkout.setUp()
  await checkout.npm(INSTALL)

  const again = await checkout.setUp()

  expect(killed.code).toBe(null)
  expect(again.code).toBe(0)
  expect(await checkout.npmCalls()).toEqual(['ci', 'ci'])
})

test('two at once: one installs, the other waits for it', async () => {
  await using checkout = await freshCheckout()
  await checkout.npm(`while [ ! -e go ]; do sleep 0.05; done; ${INSTALL}`)
  const both = [checkout.start(), checkout.start()]
  const ended = Promise.all(both.map(exitCode))
  await Promise.any(both.map((child) => said(child, /another set-up is at work here \(process \d+\), waiting/)))

  await checkout.write('go', '')

  expect(await ended).toEqual([0, 0])
  expect(await checkout.npmCalls()).toEqual(['ci'])
})

test('where install scripts are switched off, only the one that brings Node 24 is run', async () => {
  await using checkout = await freshCheckout()
  await checkout.npm(`case "$1" in ci) mkdir -p node_modules/.bin ;; rebuild) ${INSTALL} ;; esac`)

  const { code } = await checkout.setUp()

  expect(code).toBe(0)
  expect(await checkout.npmCalls()).toEqual(['ci', 'rebuild node'])
})

test('without a network there is one sentence, and the end of what npm said', async () => {
  await using checkout = await freshCheckout()
  await checkout.npm('echo "npm error code ENOTFOUND" >&2; exit 1')

  const { code, stderr } = await checkout.setUp()

  expect(code).toBe(1)
  expect(stderr).toContain('npm error code ENOTFOUND\n')
  expect(stderr).toMatch(
    /`npm ci` could not reach the npm registry\. Connect to the network .*run the same command again\.\n$/,
  )
})

test('a failed install leaves no lock and no stamp', async () => {
  await using checkout = await freshCheckout()
  await checkout.npm('mkdir -p node_modules/.bin; echo "npm error broken" >&2; exit 1')
  const failed = await checkout.setUp()
  await checkout.npm(INSTALL)

  const again = await checkout.setUp()

  expect([failed.code, again.code]).toEqual([1, 0])
  expect(again.stderr).not.toContain('waiting')
})

test('stopped while it installs, it stops npm and gives the lock back', async () => {
  await using checkout = await freshCheckout()
  await checkout.npm('trap "touch stopped; exit 1" TERM; touch begun; while :; do sleep 0.05; done')
  const child = checkout.start()
  await said(child, /installing dependencies/)
  await checkout.appears('begun')

  child.kill('SIGTERM')

  expect(await exitCode(child)).toBe(143)
  await checkout.appears('stopped')
  await checkout.npm(INSTALL)
  expect((await checkout.setUp()).code).toBe(0)
})

test.for(['2.37.9', '1.8.3'])('git %s is refused with the mend', async (version) => {
  await using checkout = await freshCheckout()
  await checkout.put('git', `echo "git version ${version}"`)

  const { code, stderr } = await checkout.setUp()

  expect(code).toBe(1)
  expect(stderr).toBe(
    `sluice set-up: Sluice needs git 2.38 or newer, this is ${version}. Install it (Debian, Ubuntu: sudo apt-get install git), then run the same command again.\n`,
  )
  expect(await checkout.npmCalls()).toEqual([])
})

test('the page is built once, and again when a source of it changed, not when a test did', async () => {
  await using checkout = await freshCheckout()
  await checkout.setUp('--page')
  await checkout.write('ui/src/board.test.ts', 'a test')
  await checkout.setUp('--page')
  const callsThen = await checkout.npmCalls()
  await checkout.write('ui/src/board.ts', 'another board')

  await checkout.setUp('--page')

  expect(callsThen).toEqual(['ci', 'run build ui'])
  expect(await checkout.npmCalls()).toEqual(['ci', 'run build ui', 'run build ui'])
})

test.for(['', '/proc/nowhere'])('a HOME of "%s" is no hindrance', async (HOME) => {
  await using checkout = await freshCheckout()
  await checkout.npm(`touch "$HOME/.npm" || exit 1; ${INSTALL}`)

  const { code, stderr } = await outcome(checkout.start('bin/setup.js', [], { HOME }))

  expect(stderr).toContain('installed dependencies')
  expect(code).toBe(0)
})

test('the command is run on the installed Node, and its exit code is ours', async () => {
  await using checkout = await freshCheckout()
  await checkout.write('cli/src/sluice.ts', 'console.log(process.argv.slice(2).join(" ")); process.exit(7)')

  const { code, stdout, stderr } = await outcome(checkout.start('bin/sluice.js', ['story', 'list']))

  expect({ code, stdout }).toEqual({ code: 7, stdout: 'story list\n' })
  expect(stderr).toContain('installed dependencies')
})

test('in the package there is nothing to set up: what was built is run', async () => {
  await using packed = await freshCheckout()
  await packed.write('dist/cli/src/sluice.js', 'console.log(process.argv.slice(2).join(" ")); process.exit(7)')

  const { code, stdout, stderr } = await outcome(packed.start('bin/sluice.js', ['story', 'list']))

  expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: 'story list\n', stderr: '' })
})

test('killed outright, it takes the command with it', async () => {
  await using packed = await freshCheckout()
  await packed.write(
    'cli/src/sluice.ts',
    'process.once("disconnect", () => process.exit()); console.log(process.pid); setTimeout(() => {}, 60_000)',
  )
  const child = packed.start('bin/sluice.js', ['services'])
  await said(child, /\d+\n/)

  child.kill('SIGKILL')

  // Its own words end with the last process that holds the pipe.
  await once(child, 'close')
})

test('a signal reaches the command, which ends in its own way', async () => {
  await using checkout = await freshCheckout()
  await checkout.write(
    'cli/src/sluice.ts',
    'process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1000); console.log("ready")',
  )
  const child = checkout.start('bin/sluice.js', ['services'])
  await said(child, /ready/)

  child.kill('SIGTERM')

  expect(await exitCode(child)).toBe(9)
})

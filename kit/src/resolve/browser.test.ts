/** Which browser renders, on machines with several and with none. */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { bareMachine } from '../testing/bare-machine.ts'
import { resolveBrowser } from './browser.ts'
import { thisMachine } from './machine.ts'

const CHROMIUM = 'echo "Chromium 156.0"'

test('this machine has, or gets, a browser', async () => {
  const { path } = await resolveBrowser(thisMachine())

  expect(path).toMatch(/^\//)
}, 120_000)

test('SLUICE_BROWSER goes before what the system has', async () => {
  await using bare = await bareMachine()
  await bare.put('chromium', CHROMIUM)
  const mine = await bare.put('my-browser', CHROMIUM)

  const browser = await resolveBrowser(withEnv(bare.machine, { SLUICE_BROWSER: mine }))

  expect(browser).toEqual({ path: mine, env: {}, source: 'SLUICE_BROWSER' })
})

test('a SLUICE_BROWSER that does not run is said, not passed over', async () => {
  await using bare = await bareMachine()
  await bare.put('chromium', CHROMIUM)

  const refused = resolveBrowser(withEnv(bare.machine, { SLUICE_BROWSER: '/nowhere/chrome' }))

  await expect(refused).rejects.toThrow('SLUICE_BROWSER names /nowhere/chrome, which does not run.')
})

test('a stub of a snap is passed over for a browser that starts in a jail', async () => {
  await using bare = await bareMachine()
  await bare.put('chromium', `# exec /snap/bin/chromium\n${CHROMIUM}`)
  const edge = await bare.put('microsoft-edge', CHROMIUM)

  expect(await resolveBrowser(bare.machine)).toEqual({ path: edge, env: {}, source: 'system' })
})

test('of the Chromiums that Playwright keeps the newest is taken', async () => {
  await using bare = await bareMachine()
  const cache = join(bare.root, 'home', '.cache', 'ms-playwright')
  await writeProgram(join(cache, 'chromium-900', 'chrome-linux', 'chrome'))
  const newest = await writeProgram(join(cache, 'chromium-1200', 'chrome-linux64', 'chrome'))

  expect(await resolveBrowser(bare.machine)).toEqual({ path: newest, env: {}, source: 'playwright' })
})

test('without a network the sentence says what to install', async () => {
  await using bare = await bareMachine()
  await bare.put('npm', 'echo "npm error code ENOTFOUND" >&2; exit 1')

  const refused = resolveBrowser(bare.machine)

  await expect(refused).rejects.toThrow(
    /could not be fetched \(npm says: npm error code ENOTFOUND\)\. Install Chromium/,
  )
})

test('another package than the one that was tried is not run', async () => {
  await using bare = await bareMachine()
  await bare.put('npm', 'while [ "$1" != --pack-destination ]; do shift; done; echo planted > "$2/x.tgz"; echo x.tgz')

  await expect(resolveBrowser(bare.machine)).rejects.toThrow('what npm sent is not what was expected')
})

test('an ARM machine without a browser is told to install one', async () => {
  await using bare = await bareMachine()

  await expect(resolveBrowser({ ...bare.machine, arch: 'arm64' })).rejects.toThrow(/set SLUICE_BROWSER to one/)
})

const withEnv = <T extends { env: object }>(machine: T, env: Record<string, string>): T => ({
  ...machine,
  env: { ...machine.env, ...env },
})

async function writeProgram(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `#!/bin/sh\n${CHROMIUM}\n`)
  await chmod(file, 0o755)
  return file
}

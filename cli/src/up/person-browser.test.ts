/** A browser is opened where somebody sees it. */
import { expect, test } from 'vitest'
import { mayOpenBrowser, openerOf } from './person-browser.ts'

const person = { uid: 1000, platform: 'linux' as const }

test('only on a desktop, never on a machine that builds, never as root', () => {
  expect(mayOpenBrowser({ DISPLAY: ':0' }, person)).toBe(true)
  expect(mayOpenBrowser({ WAYLAND_DISPLAY: 'wayland-0' }, person)).toBe(true)
  expect(mayOpenBrowser({ WSL_DISTRO_NAME: 'Debian' }, person)).toBe(true)
  expect(mayOpenBrowser({}, { ...person, platform: 'darwin' })).toBe(true)
  expect(mayOpenBrowser({}, person)).toBe(false)
  expect(mayOpenBrowser({ DISPLAY: ':0', CI: 'true' }, person)).toBe(false)
  expect(mayOpenBrowser({ DISPLAY: ':0' }, { ...person, uid: 0 })).toBe(false)
})

test('each system has its own way, and in WSL2 it is that of Windows', () => {
  const address = 'http://127.0.0.1:4747/?token=t&x'
  const ways = [{ platform: 'darwin' as const }, { env: {} }, { env: { WSL_DISTRO_NAME: 'Debian' } }]

  const openers = ways.map((way) => openerOf(address, { env: {}, platform: 'linux', ...way }))

  expect(openers.map(([program]) => program)).toEqual(['open', 'xdg-open', 'rundll32.exe'])
  expect(openers.map((argv) => argv.at(-1))).toEqual([address, address, address])
})

/** A browser is opened where somebody sees it. */
import { expect, test } from 'vitest'
import { mayOpenBrowser } from './person-browser.ts'

const person = { uid: 1000, platform: 'linux' as const }

test('only on a desktop, never on a machine that builds, never as root', () => {
  expect(mayOpenBrowser({ DISPLAY: ':0' }, person)).toBe(true)
  expect(mayOpenBrowser({ WAYLAND_DISPLAY: 'wayland-0' }, person)).toBe(true)
  expect(mayOpenBrowser({}, person)).toBe(false)
  expect(mayOpenBrowser({ DISPLAY: ':0', CI: 'true' }, person)).toBe(false)
  expect(mayOpenBrowser({ DISPLAY: ':0' }, { ...person, uid: 0 })).toBe(false)
})

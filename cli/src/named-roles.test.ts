/** A name that is misspelt in the settings is refused with the place it stands in. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseStrangeRoles } from './named-roles.ts'
import { openSeatBook } from './seats/seat-book.ts'
import { defaultSettings } from './settings.ts'

const book = () => openSeatBook(mkdtempSync(join(tmpdir(), 'slc-roles-')))
const { budget, mcp } = defaultSettings

test.each([
  ['roles', { roles: { implementor: { model: 'm' } } }],
  ['budget.roles', { budget: { ...budget, roles: { implementor: 1 } } }],
  ['mcp.roles', { mcp: { ...mcp, roles: { implementor: [] } } }],
  ['permissions', { permissions: { implementor: 'ask' as const } }],
])('%s', (place, wish) => {
  const refused = () => refuseStrangeRoles({ ...defaultSettings, ...wish }, book())

  expect(refused).toThrow(`\`${place}\` names implementor, which is no role and no seat here. There are: `)
})

test('roles, seats and all of them at once are known, a seat of somebody else’s once it is there', () => {
  const seats = book()
  const roles = { implementer: {}, security: {}, acme: {} }
  const settings = { ...defaultSettings, roles, permissions: { '*': 'ask' as const } }

  expect(() => refuseStrangeRoles(settings, seats)).toThrow('`roles` names acme')
  seats.put('acme', { kind: 'external' })
  expect(() => refuseStrangeRoles(settings, seats)).not.toThrow()
})

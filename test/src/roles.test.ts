/** What the bus is told of a role is what its program is. */
import { join } from 'node:path'
import { type RoleProgram, roles } from '@sluice/kit/roles.ts'
import { defaultSeats, pipeline } from '@sluice/proto/pipeline.ts'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

test.each(roles.map((role) => [role.name, role] as const))('%s is what its program says', async (name, role) => {
  const program = (await import(join(root, role.program))) as Record<string, RoleProgram>

  const { takes, gives, says = [], uses } = program[name] ?? {}

  expect({ name: program[name]?.name, takes, gives, says, uses: [...(uses ?? [])].sort() }).toEqual({
    ...{ name, takes: role.takes, gives: role.gives, says: role.says ?? [], uses: [...role.uses].sort() },
  })
})

test('every stage and every seat has its role', () => {
  const wanted = pipeline.flatMap(({ role }) => (role === 'seat' ? defaultSeats : [role]))

  expect(roles.map(({ name }) => name).sort()).toEqual([...wanted].sort())
})

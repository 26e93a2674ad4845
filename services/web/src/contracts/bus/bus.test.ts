/** The contract of the bus says what the broker enforces: who is said to speak may, and who may speak is said to. */
import { roles } from '@sluice/kit/roles.ts'
import { eventTypes } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { saidBesides } from './said.ts'
import { readersOf, users } from './users.ts'

const all = users()
const ownRoles = Object.keys(all).filter((name) => roles.some((role) => role.name === name))
/** `role` stands for each; a seat's own name is whatever it is called. */
const usersFor = (name: string): string[] => (name === 'role' ? ownRoles : [name])
const nameOf = (user: string): string => (user === 'seat' ? '{seat}' : user)

/** A subject as this user says or hears it. */
const subjectFor = (address: string, user: string): string =>
  address.replace(/\{(source|role|name)\}/g, nameOf(user)).replace(/\{(?!seat)\w+\}/g, 'x')

/** NATS' own rule: `*` is one token, `>` all that follow. */
function covers(pattern: string, subject: string): boolean {
  const [theirs, ours] = [pattern.split('.'), subject.split('.')]
  const end = theirs.indexOf('>')
  const given = end < 0 ? theirs : theirs.slice(0, end)
  if (end < 0 ? theirs.length !== ours.length : ours.length <= end) return false
  return given.every((token, i) => token === '*' || token === ours[i])
}

const saysOf = [
  ...eventTypes.flatMap(({ type, from, aggregate }) =>
    from.map((user) => ({ user, subject: subjectFor(`${aggregate}.{id}.${type}.{source}`, user) })),
  ),
  ...saidBesides.flatMap(({ from, address }) =>
    from.flatMap(usersFor).map((user) => ({ user, subject: subjectFor(address, user) })),
  ),
]

/** Memory is asked by roles with a model; the releaser has none. */
const isAsked = (user: string, subject: string) =>
  subject === 'memory.search' && roles.some(({ name, uses }) => name === user && !uses.includes('memory'))

test('whoever is said to say something may', () => {
  const forbidden = saysOf.filter(
    ({ user, subject }) => !isAsked(user, subject) && !all[user]?.publish.some((one) => covers(one, subject)),
  )

  expect(forbidden).toEqual([])
})

test('whatever a user may say that is no way of the broker itself is described', () => {
  const may = Object.entries(all).flatMap(([user, { publish }]) =>
    publish.filter((one) => !/^(\$JS\.|>$)/.test(one)).map((pattern) => ({ user, pattern })),
  )

  const silent = may.filter(
    ({ user, pattern }) => !saysOf.some((said) => said.user === user && covers(pattern, said.subject)),
  )

  // Nothing is to be said of a project by it yet.
  expect(silent).toEqual([{ user: 'orchestrator', pattern: 'project.*.*.*.orchestrator' }])
})

test('whoever is said to hear something does, by listening or by reading what is kept', () => {
  const deaf = saidBesides.flatMap(({ id, address, to, kept }) =>
    to.flatMap(usersFor).flatMap((user) => {
      const listens = all[user]?.subscribe.some((one) => covers(one, subjectFor(address, user)))
      const gets = `$JS.API.DIRECT.GET.${kept}.${subjectFor(address, user)}`
      const reads = kept && (readersOf(kept).includes(user) || all[user]?.publish.some((one) => covers(one, gets)))
      return listens || reads ? [] : [`${user} does not hear ${id}`]
    }),
  )

  expect(deaf).toEqual([])
})

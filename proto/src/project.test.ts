/** What a project asks of new stories: the fold of its seats. */
import { expect, test } from 'vitest'
import type { Event } from './events.ts'
import { evolveProject, type Project, requiredSeats } from './project.ts'

let said = 0
const event = (type: string, data: object, source = 'web'): Event =>
  ({
    ...{ specversion: '1.0', id: `event-${++said}`, source, type, time: '2026-01-01T00:00:00Z' },
    ...{ datacontenttype: 'application/json', projectId: 'p1', causationId: null, data },
  }) as unknown as Event

const attached = event('project.attached', { name: 'p', root: '/p', base: 'main', demo: false })
const filled = (seat: string, required = true) =>
  event('seat.filled', { seat, sitting: { kind: 'external' }, required })
const closed = (seat: string, source?: string) => event('seat.closed', { seat }, source)
const after = (...events: Event[]) => [attached, ...events].reduce<Project | null>(evolveProject, null)
const seatsAfter = (...events: Event[]) => requiredSeats(after(...events) ?? undefined)

test.for([
  ['nothing was said of it', [], ['checks', 'security', 'refactor', 'generic']],
  ['a seat was added', [filled('acme')], ['checks', 'security', 'refactor', 'generic', 'acme']],
  ['a seat was closed', [filled('acme'), closed('acme'), closed('refactor')], ['checks', 'security', 'generic']],
  ['somebody else sits in a seat', [filled('security')], ['checks', 'security', 'refactor', 'generic']],
  ['a seat is heard and not needed', [filled('acme', false)], ['checks', 'security', 'refactor', 'generic']],
  ['somebody closes the checks', [closed('checks')], ['checks', 'security', 'refactor', 'generic']],
  [
    'a role says that a seat is closed',
    [closed('security', 'implementer')],
    ['checks', 'security', 'refactor', 'generic'],
  ],
] as const)('when %s', ([, events, seats]) => {
  expect(seatsAfter(...events)).toEqual(seats)
})

test('who sits there is the last who was said to', () => {
  expect(after(filled('security'))?.seats.security?.sitting).toEqual({ kind: 'external' })
})

/** Seats and replicas from the command line: what is typed, what is sent, what is shown. */
import type { SeatView, ServiceView } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { startWeb } from '../testing/web.ts'

const seat = (parts: Partial<SeatView>): SeatView => ({
  ...{ seat: 'acme', sitting: { kind: 'external' }, required: true, state: 'unknown', pending: 2 },
  ...{ file: '/data/seats/acme.json' },
  ...parts,
})
const replica = (n: number, state: ServiceView['state']): ServiceView => ({
  ...{ name: 'implementer', replica: String(n), version: '0.1.0', pid: n, state, restarts: 0, busy: 0 },
  ...{ pending: 0, lastError: null },
})

test('list shows who sits where, whether it is needed, and what waits', async () => {
  await using web = await startWeb()
  const command: SeatView['sitting'] = { kind: 'command', command: ['python3', 'review.py'], directory: '/p' }
  web.answers.seats = [
    seat({ seat: 'security', sitting: { kind: 'builtin', program: 'security' }, state: 'running', pending: 0 }),
    seat({ sitting: command, required: false }),
  ]

  const { stdout } = await sluice(['reviewer', 'list'], { data: web.data })

  expect(stdout.split('\n')).toEqual([
    'SEAT      STATE    PENDING  NEEDED  WHO',
    'security  running        0  yes     Sluice’s own security',
    'acme      unknown        2  no      python3 review.py',
    '',
  ])
})

test.for([
  [
    ['add', 'acme', '--', 'python3', 'review.py', '--json'],
    'POST /api/reviewers',
    { seat: 'acme', sitting: { kind: 'command', command: ['python3', 'review.py', '--json'], directory: '/' } },
  ],
  [['add', 'acme', '--external'], 'POST /api/reviewers', { seat: 'acme', sitting: { kind: 'external' } }],
  [
    ['swap', 'security', '--builtin', 'generic'],
    'POST /api/reviewers/security/swap',
    { sitting: { kind: 'builtin', program: 'generic' } },
  ],
  [['remove', 'acme'], 'DELETE /api/reviewers/acme', null],
] as const)('%o is sent as it is meant', async ([args, path, body]) => {
  await using web = await startWeb()

  const { code } = await sluice(['reviewer', ...args], { data: web.data, cwd: '/' })

  expect(code).toBe(0)
  expect(web.told.map((told) => [`${told.method} ${told.path}`, told.body])).toEqual([[path, body]])
})

test('an occupant from elsewhere is told where its file is and what to do next', async () => {
  await using web = await startWeb()

  const { stdout } = await sluice(['reviewer', 'add', 'acme', '--external'], { data: web.data })

  expect(stdout).toContain('All it needs to take the seat is in /data/seats/acme.json')
})

test.for([
  ['nobody is named', ['reviewer', 'add', 'acme'], 'Say who is to sit there, one of the three.'],
  ['two are named', ['reviewer', 'swap', 'acme', '--external', '--builtin', 'generic'], 'Say who is to sit there'],
  ['no seat is named', ['reviewer', 'add', '--external'], 'SEAT is missing.'],
  ['the number is none', ['scale', 'implementer', 'many'], 'many is no number of replicas.'],
] as const)('when %s nothing is sent', async ([, args, sentence]) => {
  await using web = await startWeb()

  const { code, stderr } = await sluice([...args], { data: web.data })

  expect(code).toBe(2)
  expect(stderr).toContain(sentence)
  expect(web.told).toEqual([])
})

test('scale says how many there are and how many are still starting', async () => {
  await using web = await startWeb()
  web.answers.services = [replica(1, 'running'), replica(2, 'starting'), { ...replica(1, 'running'), name: 'web' }]

  const { stdout } = await sluice(['scale', 'implementer', '2'], { data: web.data })

  expect(web.told).toMatchObject([{ path: '/api/services/implementer/scale', body: { replicas: 2 } }])
  expect(stdout).toBe('implementer: 2 replicas, 1 of them still starting: `sluice services` shows them.\n')
})

test('a seat that somebody needs is refused in web’s own words', async () => {
  await using web = await startWeb()
  const problem = { error: 'A running story needs the verdict of acme: s1.', mend: 'Let it ship.' }
  web.answers.refuse = { status: 409, problem }

  const { code, stderr } = await sluice(['reviewer', 'remove', 'acme'], { data: web.data })

  expect([code, stderr]).toEqual([1, 'sluice: A running story needs the verdict of acme: s1. Let it ship.\n'])
})

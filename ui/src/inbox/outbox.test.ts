/** Decisions on their way: held, undone, sent, taken back when they are not taken. */
import { expect, test } from 'vitest'
import { type Letter, openOutbox, Undone } from './outbox.ts'

/** Longer than any test: what is sent was let go. */
const NEVER_MS = 600_000
const letter = (id: string): Letter => ({ item: `${id} gate`, id, verb: 'approve', body: {}, key: id, about: id })

test('a decision is held until it is let go, and its item is gone meanwhile', async () => {
  const sent: string[] = []
  const outbox = openOutbox(NEVER_MS, async ({ id }) => void sent.push(id))

  const posted = outbox.post(letter('a'))
  const held = outbox.now()
  outbox.flush()
  await posted

  expect([held.held?.id, [...held.decided]]).toEqual(['a', ['a gate']])
  expect([sent, outbox.now().held, [...outbox.now().decided]]).toEqual([['a'], null, ['a gate']])
})

test('undone, nothing is sent and the item comes back', async () => {
  const sent: string[] = []
  const outbox = openOutbox(NEVER_MS, async ({ id }) => void sent.push(id))
  const posted = outbox.post(letter('a'))

  const back = outbox.undo()

  await expect(posted).rejects.toThrow(Undone)
  expect([back?.id, sent, outbox.now().decided.size]).toEqual(['a', [], 0])
})

test('the next decision lets the one before go', async () => {
  const sent: string[] = []
  const outbox = openOutbox(NEVER_MS, async ({ id }) => void sent.push(id))

  const first = outbox.post(letter('a'))
  void outbox.post(letter('b'))
  await first

  expect([sent, outbox.now().held?.id]).toEqual([['a'], 'b'])
})

test('what is not taken comes back with its reason, until it is decided again', async () => {
  const outbox = openOutbox(0, () => Promise.reject(new Error('It changed.')))

  await outbox.post(letter('a')).catch(() => undefined)
  const after = outbox.now()
  void outbox.post(letter('a')).catch(() => undefined)

  expect([after.decided.size, String(after.refusals.get('a')?.error)]).toEqual([0, 'Error: It changed.'])
  expect(outbox.now().refusals.size).toBe(0)
})

/** What a person sees of what agents ask to be allowed, and what becomes of their word. */
import type { Entry } from '@sluice/kit/run.ts'
import { expect, test } from 'vitest'
import { runViews } from './runs.ts'

const permission = { id: 'p-1', key: 'k', tool: 'Bash', title: 'npm publish', detail: '{}' }
const entry = (kind: Entry['kind'], data: object = {}, attempt = 1): Entry => ({
  kind,
  attempt,
  at: '2026-01-01T00:00:00.000Z',
  data,
})
const asked = entry('note', { type: 'permission', state: 'asked', permission, text: 'May it? npm publish' })
const decided = entry('note', {
  type: 'permission',
  state: 'decided',
  permission,
  text: 'Allowed',
  allow: true,
  by: 'person',
})
const pending = (entries: Entry[]) => runViews([{ source: 'implementer', runId: 'r', entries }])[0]?.permissions

test('a question stands with its run until somebody has answered it', () => {
  expect(pending([entry('started'), asked])).toEqual([permission])
  expect(pending([entry('started'), asked, decided])).toBeUndefined()
})

test('what was asked by an attempt that has ended, or died, is asked no more', () => {
  expect(pending([entry('started'), asked, entry('stopped')])).toBeUndefined()
  expect(pending([entry('started'), asked, entry('started', {}, 2)])).toBeUndefined()
  expect(pending([entry('started'), asked, entry('answer')])).toBeUndefined()
})

/** What a run works with, where a story, a role and the house each have their wish. */
import type { Event } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { chosenFor } from './choice.ts'
import { scopeRequested } from './testing/fixtures.ts'

const configured = { engine: 'anthropic', model: 'claude-opus-5-5', effort: 'high' } as const
const requestWith = (choices?: object): Event => {
  const request = scopeRequested('s1')
  return { ...request, data: { ...(request.data as object), ...(choices && { choices }) } } as Event
}

test('without a wish of its story a role works as configured', () => {
  expect(chosenFor('analyst', requestWith(), configured)).toEqual(configured)
})

test('what the story says wins, field by field, and only for the role it names', () => {
  const request = requestWith({ analyst: { model: 'claude-haiku-5-5' } })

  expect(chosenFor('analyst', request, configured)).toEqual({ ...configured, model: 'claude-haiku-5-5' })
  expect(chosenFor('designer', request, configured)).toEqual(configured)
})

/** That a model is asked for no more than it can do. */
import { expect, test } from 'vitest'
import { within } from './model-list.ts'

const choice = { model: 'm', effort: 'max', maxTokens: 64_000 }

test('an effort the model does not know is left out, and a reply bounded by what it can give', () => {
  expect(within(choice, { efforts: ['low', 'high'], maxTokens: 32_000, context: 200_000 })).toEqual({
    ...{ model: 'm', maxTokens: 32_000, contextTokens: 200_000 },
  })
})

test('of a model nobody knows anything about all is as it was wished', () => {
  expect(within(choice, undefined)).toEqual(choice)
})

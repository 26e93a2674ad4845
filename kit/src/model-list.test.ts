/** That a model is asked for no more than it can do. */
import { expect, test } from 'vitest'
import { within } from './model-list.ts'

const choice = { model: 'm', effort: 'max', maxTokens: 64_000 } as const

test('an effort the model does not know is left out, and a reply bounded by what it can give', () => {
  expect(within(choice, { efforts: ['low', 'high'], maxTokens: 32_000, context: 200_000 })).toEqual({
    ...{ model: 'm', maxTokens: 32_000, window: { tokens: 200_000 } },
  })
})

test('of a model nobody knows anything about all is as it was wished', () => {
  expect(within(choice, undefined)).toEqual(choice)
})

test('how much a model reads is believed to the list, and to the person before it', () => {
  const listed = { context: 200_000 }

  expect(within({ model: 'm', window: { compactAt: 0.5 } }, listed).window).toEqual({ tokens: 200_000, compactAt: 0.5 })
  expect(within({ model: 'm', window: { tokens: 50_000 } }, listed).window).toEqual({ tokens: 50_000 })
})

test('a model is blind only where the list says so', () => {
  const listed = [{ images: false }, { images: true }, {}, undefined]

  expect(listed.map((view) => within({ model: 'm' }, view).blind)).toEqual([true, undefined, undefined, undefined])
})

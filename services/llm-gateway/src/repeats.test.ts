/** Going round in circles: the same call with the same result, or for too long with any. */
import { expect, test } from 'vitest'
import { isCircle, repeatsIn } from './repeats.ts'

type Step = { tool?: string; input?: object; result?: string; say?: string }

/** A conversation as it is sent: a prompt, then calls and their results. */
const conversation = (...steps: Step[]) => ({
  messages: [
    { role: 'user', content: 'Do it.' },
    ...steps.flatMap<{ role: string; content: object[] }>(({ tool = 'look', input = {}, result = 'Seen.', say }, i) =>
      say
        ? [{ role: 'user', content: [{ type: 'text', text: say }] }]
        : [
            { role: 'assistant', content: [{ type: 'tool_use', id: `t${i}`, name: tool, input }] },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: `t${i}`, content: result }] },
          ],
    ),
  ],
})
const times = (n: number, step: (i: number) => Step = () => ({})): Step[] =>
  Array.from({ length: n }, (_, i) => step(i))

test('five times the same call with the same result is a circle, four times is not', () => {
  expect(isCircle(repeatsIn(conversation(...times(4))), 5)).toBe(false)
  expect(isCircle(repeatsIn(conversation(...times(5))), 5)).toBe(true)
  expect(repeatsIn(conversation(...times(5)))).toMatchObject({ tool: 'look', input: '{}', times: 5 })
})

test('the order of an input’s keys makes no other call of it', () => {
  const step = (i: number) => ({ input: i % 2 ? { a: 1, b: 2 } : { b: 2, a: 1 } })

  expect(repeatsIn(conversation(...times(5, step))).times).toBe(5)
})

test('another input, another tool or a word of the person begins anew', () => {
  const four = times(4)

  for (const other of [{ input: { path: 'a' } }, { tool: 'edit' }, { say: 'Try the other file.' }])
    expect(isCircle(repeatsIn(conversation(...four, other, ...four)), 5)).toBe(false)
})

test('looking at something that changes is no circle until it has lasted', () => {
  const changing = (n: number) => repeatsIn(conversation(...times(n, (i) => ({ result: `Line ${i}` }))))

  expect(isCircle(changing(14), 5)).toBe(false)
  expect(isCircle(changing(15), 5)).toBe(true)
})

test('what the person let pass is not counted again', () => {
  const seen = repeatsIn(conversation(...times(9)))

  expect(isCircle(seen, 5, 5)).toBe(false)
  expect(isCircle(repeatsIn(conversation(...times(10))), 5, 5)).toBe(true)
})

test('a conversation without a call goes round nothing', () => {
  expect(isCircle(repeatsIn({ messages: [{ role: 'user', content: 'Hello' }] }), 2)).toBe(false)
})

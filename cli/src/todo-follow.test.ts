/** Who watches is told of the agent's list when it is another one, and only then. */
import { expect, test } from 'vitest'
import { followTodo } from './todo-follow.ts'

test('each change is told once, an empty list only after one that was not, and nothing after the end', async () => {
  const states = [[], ['▸ a'], ['▸ a'], ['✓ a'], []]
  const stop = new AbortController()
  const told: string[][] = []
  let reads = 0

  await followTodo({
    ...{ signal: stop.signal, everyMs: 0, onChange: (lines: string[]) => told.push(lines) },
    async read() {
      const lines = states[reads++]
      if (!lines) stop.abort()
      return lines ?? ['late']
    },
  })

  expect(told).toEqual([['▸ a'], ['✓ a'], []])
  expect(reads).toBe(6)
})

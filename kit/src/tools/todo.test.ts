/** The list of a run: as it stands for people and for the next attempt, and what it holds back. */
import { expect, test } from 'vitest'
import { memoryRun } from '../testing/memory-run.ts'
import { openItems, todoOf, todoTool } from './todo.ts'

const call = { callId: 'c', signal: new AbortController().signal }

test('the list is a note for people, and stands in the journal for the next attempt', async () => {
  const run = memoryRun()

  await todoTool(run).run(
    {
      items: [
        { text: 'read', state: 'done' },
        { text: 'write', state: 'doing' },
      ],
    },
    call,
  )

  expect(run.log).toMatchObject([{ kind: 'note', data: { type: 'todo', text: '☑ read\n▸ write' } }])
  expect(todoOf(memoryRun({ entries: run.log, attempt: 2 }))).toHaveLength(2)
  expect(todoOf(memoryRun({ earlier: run.log }))).toHaveLength(2)
})

test('what is still open holds a result back, until it is done or dropped', async () => {
  const run = memoryRun()
  const tool = todoTool(run)

  await tool.run({ items: [{ text: 'write the test', state: 'open' }] }, call)
  const held = openItems(run)
  await tool.run({ items: [] }, call)

  expect(held).toContain('- write the test')
  expect(openItems(run)).toBeNull()
})

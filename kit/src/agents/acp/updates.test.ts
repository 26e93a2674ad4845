/** What agents say of their calls, in whatever order they say it, as one beginning and one end. */
import type { SessionUpdate } from '@agentclientprotocol/sdk'
import { expect, test } from 'vitest'
import { type MemoryRun, memoryRun } from '../../testing/memory-run.ts'
import { toldCalls } from '../../told-calls.ts'
import { openUpdates, type Updates } from './updates.ts'

function hearing(): { run: MemoryRun; updates: Updates; notes(): Promise<unknown[]> } {
  const run = memoryRun()
  const updates = openUpdates({
    calls: toldCalls(run),
    note: (data) => run.append('note', data),
    isHosted: (name) => name.startsWith('mcp__sluice__'),
    failed: (error) => {
      throw error
    },
  })
  const notes = async () => {
    await new Promise(setImmediate)
    return run.log.map(({ data }) => {
      const { type, state, callId, text, ok } = data as Record<string, unknown>
      return type === 'tool' ? `${state} ${callId} ${text}${ok === undefined ? '' : ` ${ok}`}` : `${type} ${text}`
    })
  }
  return { run, updates, notes }
}

const call = (toolCallId: string, more: object): SessionUpdate =>
  ({ sessionUpdate: 'tool_call_update', toolCallId, ...more }) as SessionUpdate
const chunk = (text: string, messageId?: string): SessionUpdate => ({
  sessionUpdate: 'agent_message_chunk',
  ...(messageId && { messageId }),
  content: { type: 'text', text },
})

test('announced without input, filled in pieces, ended twice: begun once, ended once, under what it is about', async () => {
  const { updates, notes } = hearing()

  updates.on({
    sessionUpdate: 'tool_call',
    toolCallId: 'a',
    title: 'Read File',
    kind: 'read',
    status: 'pending',
    rawInput: {},
  })
  updates.on(call('a', { title: 'Read src/app.ts', rawInput: { file_path: 'src/app.ts' } }))
  updates.on(call('a', { status: 'completed' }))
  updates.on(call('a', { status: 'completed' }))

  expect(await notes()).toEqual(['started a Read src/app.ts', 'ended a Read src/app.ts true'])
})

test('an end without a beginning gets its beginning first', async () => {
  const { updates, notes } = hearing()

  updates.on(call('a', { title: 'npm test', status: 'failed' }))

  expect(await notes()).toEqual(['started a npm test', 'ended a npm test false'])
})

test('a call that is open when the turn ends has ended, and is not said to have gone well', async () => {
  const { updates, notes } = hearing()

  updates.on(call('a', { name: 'bash', title: 'bash', rawInput: { command: 'npm test' }, status: 'in_progress' }))
  updates.settle()

  expect(await notes()).toEqual(['started a bash npm test', 'ended a bash npm test false'])
})

test('pieces of one message are one note, also where nobody numbers them; thinking is told apart', async () => {
  const { updates, notes } = hearing()

  updates.on({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: 'Hm.' } })
  updates.on(chunk('First '))
  updates.on(chunk('the file.'))
  updates.on(chunk('Then the rest.', 'm2'))
  updates.settle()

  expect(await notes()).toEqual(['thinking Hm.', 'text First the file.', 'text Then the rest.'])
})

test('tools of the host are told of by the host', async () => {
  const { updates, notes } = hearing()

  updates.on(call('a', { title: 'mcp__sluice__submit', rawInput: { verdict: 'good' }, status: 'completed' }))

  expect(await notes()).toEqual([])
})

test('a plan is the list of the work', async () => {
  const { updates, run } = hearing()

  const entry = (content: string, status: 'pending' | 'in_progress' | 'completed') => ({
    content,
    status,
    priority: 'high' as const,
  })
  updates.on({
    sessionUpdate: 'plan',
    entries: [entry('read', 'completed'), entry('write', 'in_progress'), entry('test', 'pending')],
  })
  await new Promise(setImmediate)

  expect(run.log[0]?.data).toEqual({
    type: 'todo',
    text: '☑ read\n▸ write\n☐ test',
    items: [
      { text: 'read', state: 'done' },
      { text: 'write', state: 'doing' },
      { text: 'test', state: 'open' },
    ],
  })
})

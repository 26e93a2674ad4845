/** What the model is told of calls that cannot be, and how much of what can. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool, type ToolResult } from '../agent.ts'
import { clip } from './clip.ts'
import { toolParams } from './submit.ts'
import { answerCalls, type CallResult, type Desk } from './tool-calls.ts'

const task = (run: () => Promise<ToolResult>): Desk['task'] => ({
  system: '',
  prompt: [],
  output: z.object({ done: z.boolean() }),
  tools: [defineTool({ name: 'look', description: 'Looks.', input: z.object({}), readOnly: true, run })],
  signal: new AbortController().signal,
})

async function answered(name: string, run: () => Promise<ToolResult>): Promise<CallResult | undefined> {
  const results: CallResult[] = []
  const onEnd: Desk['onEnd'] = async (result) => void results.push(result)
  const desk = {
    task: task(run),
    refuse: null,
    begun: new Set<string>(),
    resumed: false,
    onBegin: async () => {},
    onEnd,
    onBreak: async () => {},
  }
  await answerCalls([{ id: 'c1', name, block: 0, broken: false, input: {} }], desk)
  return results[0]
}

const saying = (text: string) => async (): Promise<ToolResult> => ({ ok: true, content: [{ type: 'text', text }] })

test('a tool that is not there is named, with those that are', async () => {
  const result = await answered('smell', saying('x'))

  expect(result).toMatchObject({ ok: false, invalid: true })
  expect(result?.content[0]).toMatchObject({ text: 'There is no tool smell. The tools are: look, submit.' })
})

test('a long output keeps its head and its tail', async () => {
  const result = await answered('look', saying(`first ${'ä'.repeat(50_000)} last`))

  const text = result?.content[0]?.type === 'text' ? result.content[0].text : ''
  expect(Buffer.byteLength(text)).toBeLessThan(30_200)
  expect(text).toMatch(/^first ä/)
  expect(text).toMatch(/ä last$/)
  expect(text).toContain('bytes left out')
  expect(text).not.toContain('\uFFFD')
})

test('an empty output is said to be empty, since the API takes no empty text', async () => {
  const result = await answered('look', saying(' \n'))

  expect(result?.content).toEqual([{ type: 'text', text: '(no output)' }])
})

test('what fits is not touched', () => {
  expect(clip('short')).toBe('short')
})

test('a result that is no object cannot be asked for', () => {
  expect(() => toolParams({ output: z.array(z.string()) })).toThrow('must be an object')
})

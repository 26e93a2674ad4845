/** What the model sees of a shell, a browser, the memory. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AnyTool, ToolResult } from '../agent.ts'
import type { RenderRequest } from '../browser.ts'
import { unsealed } from '../sealed.ts'
import { lesson, memoryOf } from '../testing/fixtures.ts'
import { memorySearchTool } from './asking.ts'
import { openOutputs } from './outputs.ts'
import { renderTool } from './render.ts'
import { shellTools, type Terminal } from './shell.ts'

const use = (tool: AnyTool, input: unknown): Promise<ToolResult> =>
  tool.run(input, { callId: 'c', signal: new AbortController().signal })
const textOf = ({ content }: ToolResult): string =>
  content.map((c) => (c.type === 'text' ? c.text : `[${c.mediaType}]`)).join('\n')

const terminal = (ended: Partial<Awaited<ReturnType<Terminal['run']>>>): Terminal => ({
  pid: 1,
  run: async (command) => ({
    output: `ran ${command}`,
    exitCode: 0,
    timedOut: false,
    truncated: false,
    seconds: 0,
    ...ended,
  }),
})

/** The tool `shell` alone, over whatever terminal. */
const shellTool = (options: { open(): Promise<Terminal>; renewed: boolean }): AnyTool => {
  const [tool] = shellTools({ ...options, outputs: openOutputs(mkdtempSync(join(tmpdir(), 'slc-outputs-'))) })
  if (!tool) throw new Error('There is no shell.')
  return tool
}

test('a command gives its output and how it ended', async () => {
  const good = shellTool({ open: async () => terminal({}), renewed: false })
  const bad = shellTool({ open: async () => terminal({ exitCode: 2 }), renewed: false })
  const slow = shellTool({ open: async () => terminal({ exitCode: null, timedOut: true }), renewed: false })

  expect(await use(good, { command: 'ls' })).toEqual({
    ok: true,
    exitCode: 0,
    content: [{ type: 'text', text: 'ran ls\n[exit code 0]' }],
  })
  expect(await use(bad, { command: 'ls' })).toMatchObject({ ok: false, exitCode: 2 })
  expect(textOf(await use(slow, { command: 'x', timeoutSeconds: 5 }))).toContain('[stopped after 5 s; what is meant')
})

test('the shell of a new attempt is said to be new, once', async () => {
  const tool = shellTool({ open: async () => terminal({}), renewed: true })

  expect(textOf(await use(tool, { command: 'a' }))).toContain('The shell is new')
  expect(textOf(await use(tool, { command: 'b' }))).not.toContain('The shell is new')
})

test('one shell serves all commands; one that could not be opened is opened again', async () => {
  let opened = 0
  const tool = shellTool({
    renewed: false,
    open: async () => {
      if (++opened === 1) throw new Error('no terminal left')
      return terminal({})
    },
  })

  await expect(use(tool, { command: 'a' })).rejects.toThrow('no terminal left')
  await use(tool, { command: 'b' })
  await use(tool, { command: 'c' })

  expect(opened).toBe(2)
})

test('a page is shown as a picture, with what it complained of', async () => {
  const asked: unknown[] = []
  const browser = {
    async render(request: unknown) {
      asked.push(request)
      const viewport = { name: 'render', width: 400, height: 800 }
      return [{ viewport, png: Buffer.from('png'), regions: [], consoleErrors: ['x is not defined'] }]
    },
  }
  const source = { list: async () => [], read: async () => Buffer.from('<p>hi') }

  const shown = await use(renderTool({ source, browser }), { path: 'a.html', width: 400 })

  expect(asked).toEqual([
    { html: '<p>hi', viewports: [{ name: 'render', width: 400, height: 800, colorScheme: 'light' }] },
  ])
  expect(shown.content[0]).toMatchObject({ type: 'image', data: Buffer.from('png') })
  expect(textOf(shown)).toContain('x is not defined')
})

test('a page is shown in the state and the colours that were asked for', async () => {
  const asked: RenderRequest[] = []
  const browser = {
    async render(request: RenderRequest) {
      asked.push(request)
      return []
    },
  }
  const source = { list: async () => [], read: async () => Buffer.from('<html data-state="full"><p>hi</html>') }

  await use(renderTool({ source, browser }), { path: 'a.html', state: 'empty', colorScheme: 'dark' })

  expect(asked[0]).toMatchObject({
    html: '<html data-state="empty"><p>hi</html>',
    viewports: [{ colorScheme: 'dark' }],
  })
})

test('memory gives what was done before, sealed, with files to look at, or says that nothing was', async () => {
  const tool = memorySearchTool({ search: (query) => memoryOf(...(query === 'drafts' ? [lesson] : [])).search(query) })

  const found = textOf(await use(tool, { query: 'drafts' }))

  expect(unsealed('earlier-story', found)[0]?.content).toContain(lesson.summary)
  expect(unsealed('files-worth-a-look', found)[0]?.content).toBe('src/drafts.js')
  expect(textOf(await use(tool, { query: 'x' }))).toContain('Nothing that was done before')
})

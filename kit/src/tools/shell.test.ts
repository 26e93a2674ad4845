/** What a model can do with its shell in the jail: run behind itself, read what was cut, end what it started. */
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AnyTool, ToolResult } from '../agent.ts'
import { openBrowser } from '../browser.ts'
import { openCast } from '../cast.ts'
import { resolveBrowser } from '../resolve/browser.ts'
import { openShell, type Shell } from '../shell.ts'
import { jailed, jailWorld, longSleep, processesWith, SECRET } from '../testing/jail-world.ts'
import { openOutputs } from './outputs.ts'
import { shellTools } from './shell.ts'

type Desk = AsyncDisposable & {
  world: ReturnType<typeof jailWorld>
  outputs: ReturnType<typeof openOutputs>
  notes: string[]
  use(name: string, input: object, signal?: AbortSignal): Promise<ToolResult & { text: string }>
}

async function desk(): Promise<Desk> {
  await using owned = new AsyncDisposableStack()
  const world = owned.use(jailWorld())
  const outputs = openOutputs(join(world.data, 'outputs'))
  const cast = owned.use(openCast(join(world.root, 'run.cast'), { cols: 120, rows: 36 }))
  const policy = { worktree: world.worktree, writable: [outputs.jailDir], hidden: [world.data] }
  const shell: Shell = owned.use(await openShell({ jail: jailed(), policy, cast }))
  const notes: string[] = []
  const note = async ({ text }: { text: string }) => void notes.push(text)
  const browser = openBrowser(await resolveBrowser(), jailed())
  owned.defer(() => browser.close())
  const tools: AnyTool[] = shellTools({ open: async () => shell, renewed: false, outputs, browser, note })
  const all = owned.move()
  return {
    ...{ world, outputs, notes },
    async use(name, input, signal = new AbortController().signal) {
      const tool = tools.find((one) => one.name === name)
      if (!tool) throw new Error(`no tool ${name}`)
      const result = await tool.run(input, { callId: 'c', signal })
      return { ...result, text: result.content.map((c) => (c.type === 'text' ? c.text : '')).join('\n') }
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

test('a server runs behind the shell: waited for, read on from where one looked, and ended with all it started', async () => {
  await using it = await desk()
  const sleep = longSleep()

  const started = await it.use('shell', {
    command: `echo starting; sleep 0.3; echo "listening on 4000"; ${sleep} & wait`,
    background: true,
  })
  const first = await it.use('shell_output', { number: 1, waitFor: 'listening on \\d+' })
  const again = await it.use('shell_output', { number: 1 })
  const beside = await it.use('shell', { command: 'echo free' })
  const there = processesWith(sleep).length
  const stopped = await it.use('shell_stop', { number: 1 })

  expect(started.text).toContain('number 1')
  expect(first.text).toMatch(/1\tstarting\n\s+2\tlistening on 4000\n\[it runs\]/)
  expect(again.text).toBe('(nothing new)\n[it runs]')
  expect(beside).toMatchObject({ ok: true, text: 'free\n[exit code 0]' })
  expect(there).toBeGreaterThan(0)
  expect(stopped.ok).toBe(true)
  expect(processesWith(sleep)).toEqual([])
  expect(it.notes).toEqual([expect.stringContaining('Runs in the background, 1: echo starting'), 'Stopped 1.'])
})

test('a command that ends behind the shell says how, and waiting for what never comes ends with it', async () => {
  await using it = await desk()

  await it.use('shell', { command: 'echo half; exit 3', background: true })
  const ended = await it.use('shell_output', { number: 1, waitFor: 'whole' })

  expect(ended.text).toContain('half')
  expect(ended.text).toContain('it ended, and no line matches whole')
  expect(ended.text).toContain('[ended with exit code 3]')
})

test('a wait ends at its time, and when the run is stopped', async () => {
  await using it = await desk()
  await it.use('shell', { command: longSleep(), background: true })
  const stop = new AbortController()

  const late = await it.use('shell_output', { number: 1, waitFor: 'never', waitSeconds: 1 })
  const waiting = it.use('shell_output', { number: 1, waitFor: 'never', waitSeconds: 600 }, stop.signal)
  stop.abort(new Error('stopping'))

  expect(late.text).toContain('no line matches never after 1 s')
  await expect(waiting).rejects.toThrow('stopping')
})

test('an output too long for a model is kept whole, to be read by line and by pattern', async () => {
  await using it = await desk()

  const cut = await it.use('shell', { command: 'for i in {1..20000}; do echo "line $i of it"; done' })
  const middle = await it.use('shell_output', { number: 1, from: 10_000, lines: 2 })
  const found = await it.use('shell_output', { number: 1, pattern: 'line 1234[56] ' })

  expect(cut.text).toContain('characters left out')
  expect(cut.text).toContain('[output 1: shell_output gives the part you need')
  expect(Buffer.byteLength(cut.text)).toBeLessThan(31_000)
  expect(middle.text).toContain(' 10000\tline 10000 of it\n 10001\tline 10001 of it')
  expect(middle.text).toContain('20000 in all')
  expect(found.text).toBe(' 12345\tline 12345 of it\n 12346\tline 12346 of it')
})

test('a number that was not given is said to be none, and later attempts count on', async () => {
  await using it = await desk()
  await it.use('shell', { command: 'echo one' })
  await it.use('shell', { command: 'echo two', background: true })

  const none = it.use('shell_output', { number: 9 })

  await expect(none).rejects.toThrow('No command has the number 9.')
  expect((await it.use('shell_stop', { number: 1 })).ok).toBe(false)
  expect(openOutputs(join(it.world.data, 'outputs')).next()).toBe(3)
})

test('what a command printed is drawn as its terminal showed it', async () => {
  await using it = await desk()
  await it.use('shell', { command: 'printf "\\e[32m✓ passed\\e[0m\\n┌──┐\\n└──┘\\n"' })

  const { content } = await it.use('shell_picture', { number: 0, columns: 60 })

  const [picture] = content
  if (picture?.type !== 'image') throw new Error('no picture')
  expect(picture.data.subarray(1, 4).toString()).toBe('PNG')
  // A screen that is all black packs into less: something is drawn on it.
  expect(picture.data.length).toBeGreaterThan(1_000)
})

test('a log that an agent made a link of leads nowhere', async () => {
  await using it = await desk()
  writeFileSync(join(it.world.data, 'token'), SECRET)
  symlinkSync(join(it.world.data, 'token'), join(it.outputs.jailDir, '7.log'))

  await expect(it.use('shell_output', { number: 7 })).rejects.toThrow('leads out')
})

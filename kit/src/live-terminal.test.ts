/** What somebody who watches a terminal sees: its output as it comes, its screen when they come late, and no flood. */

import { Build, BuildRequested } from '@sluice/proto/events.ts'
import { type TermEvent, type TermFrame, termSubject } from '@sluice/proto/term.ts'
import headless from '@xterm/headless'
import { expect, onTestFinished, test } from 'vitest'
import type { Bus } from './bus.ts'
import { askScreen, onCancel } from './ctl.ts'
import { type LiveTerminal, openLiveTerminal } from './live-terminal.ts'
import { completed } from './outcome.ts'
import { defineRole } from './role.ts'
import { watchTerminals } from './terminals.ts'
import { startBroker } from './testing/broker.ts'

const role = (name: string) =>
  defineRole({ name, takes: BuildRequested, gives: Build, uses: [], answer: async () => completed({} as never) })
const of = { source: 'implementer', storyId: 's1', runId: 'r1' }
const SIZE = { cols: 40, rows: 6 }

type World = { web: Bus; implementer: Bus; terminal: LiveTerminal; seen: TermFrame[]; until(n: RegExp): Promise<void> }

async function world(): Promise<World> {
  const broker = await startBroker([role('implementer'), role('security')])
  onTestFinished(() => broker[Symbol.asyncDispose]())
  const [implementer, web] = [await broker.connect('implementer'), await broker.connect('web')]
  const seen: TermFrame[] = []
  web.nc.subscribe('term.>', { callback: (_, message) => void seen.push(message.json()) })
  await web.nc.flush()
  const terminal = openLiveTerminal(implementer, { ...of, ...SIZE })
  await implementer.nc.flush()
  const all = () => seen.map(({ data }) => data).join('')
  const until = (what: RegExp) => expect.poll(all, { interval: 5 }).toMatch(what)
  return { web, implementer, terminal, seen, until }
}

/** What stands on a terminal that was shown this. */
async function shown(...data: string[]): Promise<string[]> {
  const terminal = new headless.Terminal({ ...SIZE, allowProposedApi: true })
  for (const one of data) await new Promise<void>((resolve) => terminal.write(one, resolve))
  const { buffer } = terminal
  return Array.from({ length: SIZE.rows }, (_, row) =>
    (buffer.active.getLine(buffer.active.viewportY + row)?.translateToString(true) ?? '').trimEnd(),
  )
}

test('what is printed together is one frame, and the last one says that the shell has ended', async () => {
  const { terminal, seen, until } = await world()

  for (const piece of ['one\r\n', 'two\r\n', 'three\r\n']) terminal.output(piece)
  await until(/three/)
  terminal[Symbol.dispose]()
  await expect.poll(() => seen.at(-1)?.ended).toBe(true)

  expect(seen.map(({ n, data }) => [n, data])).toEqual([
    [1, 'one\r\ntwo\r\nthree\r\n'],
    [2, ''],
  ])
})

test('who comes late is shown the screen as it is, a full-screen program included, and goes on from there', async () => {
  const { web, terminal, seen, until } = await world()
  terminal.output('$ top\r\n\u001b[?1049h\u001b[2;3H\u001b[31mload 3\u001b[0m')
  await until(/load/)

  const screen = await askScreen(web, of)
  terminal.output('\u001b[2;8H7')
  await until(/7$/)

  const after = seen.filter(({ n }) => n > (screen?.n ?? 0)).map(({ data }) => data)
  expect(screen).toMatchObject({ n: 1, screen: true, ...SIZE })
  expect(await shown(screen?.data ?? '', ...after)).toEqual(['', '  load 7', '', '', '', ''])
})

test('a command that floods is shown by its end, in few small frames', async () => {
  const { terminal, seen, until } = await world()

  for (let line = 0; line < 50_000; line += 1) terminal.output(`line ${line} of very many\r\n`)
  terminal.output('the end')
  await until(/the end$/)

  expect(seen.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThan(100_000)
  expect(seen.some(({ data }) => data.includes('the recording has it all'))).toBe(true)
})

test('a service that watches is told the screen first, then every frame after it, each once', async () => {
  const { web, terminal, until } = await world()
  terminal.output('before\r\n')
  await until(/before/)
  const told: TermEvent[] = []

  using _watching = await watchTerminals(web, { storyId: 's1', running: [of] }, (event) => told.push(event))
  terminal.output('after\r\n')
  await until(/after/)

  await expect
    .poll(() => told.map(({ frame }) => [frame.n, frame.screen === true]))
    .toEqual([
      [1, true],
      [2, false],
    ])
  expect((await shown(...told.map(({ frame }) => frame.data))).slice(0, 2)).toEqual(['before', 'after'])
})

test('asking for a screen stops nobody, and where there is none the answer is none', async () => {
  const { web, implementer } = await world()
  let cancelled = false
  onCancel(implementer, of, () => {
    cancelled = true
  })
  await implementer.nc.flush()

  await askScreen(web, of)

  expect([cancelled, await askScreen(web, { ...of, runId: 'nobody' })]).toEqual([false, null])
})

test('a reviewer can neither watch a terminal nor speak as one', async () => {
  const broker = await startBroker([role('implementer'), role('security')])
  onTestFinished(() => broker[Symbol.asyncDispose]())
  const reviewer = await broker.connect('security')
  const refused = Promise.withResolvers<Error>()

  reviewer.nc.subscribe('term.>', { callback: (error) => (error ? refused.resolve(error) : undefined) })
  const speaking = reviewer.nc.request(termSubject('implementer', 's1', 'r1'), '', { timeout: 2_000 })

  await expect(speaking).rejects.toThrow(/Permissions Violation/)
  expect((await refused.promise).name).toBe('PermissionViolationError')
})

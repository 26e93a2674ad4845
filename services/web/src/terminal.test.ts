/** A running agent's terminal over REST: its screen, its frames as they come, and that both are the person's. */
import { openLiveTerminal } from '@sluice/kit/live-terminal.ts'
import type { TermFrame } from '@sluice/proto/term.ts'
import { expect, test } from 'vitest'
import { token, webWorld } from './testing/world.ts'

test('the screen of a run is given while it has one, and refused in a sentence where it has none', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const implementer = await world.bus('implementer')
  const terminal = openLiveTerminal(implementer, { storyId: id, runId: 'r1', cols: 40, rows: 5 })
  terminal.output('$ make\r\n')
  await implementer.nc.flush()

  const screen = () => world.ask<TermFrame>('GET', `/api/stories/${id}/runs/implementer/r1/screen`)
  await expect.poll(async () => (await screen()).body.data).toContain('$ make')
  terminal[Symbol.dispose]()
  await implementer.nc.flush()

  expect(await screen()).toMatchObject({ status: 404, body: { error: 'This run shows no terminal now.' } })
})

test('frames are streamed as they come, and the stream ends with its story', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const implementer = await world.bus('implementer')
  const headers = { authorization: `Bearer ${token}` }
  const reply = await fetch(`${world.origin}/api/stories/${id}/terminal`, { headers })
  const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const until = async (what: RegExp) => {
    for (let done = false; !done && !what.test(text); ) {
      const piece = await reader?.read()
      text += piece?.value ?? ''
      done = piece?.done ?? true
    }
  }
  await until(/event: alive/)

  using terminal = openLiveTerminal(implementer, { storyId: id, runId: 'r1', cols: 40, rows: 5 })
  terminal.output('hello\r\n')
  await until(/event: frame/)
  await world.command(id, 'cancel', {})
  await until(/never/)

  const [, data = '{}'] = /event: frame\ndata: (.*)\n/.exec(text) ?? []
  expect(JSON.parse(data)).toMatchObject({ source: 'implementer', runId: 'r1', frame: { n: 1, data: 'hello\r\n' } })
})

test('without the session token nothing is shown', async () => {
  await using world = await webWorld()
  const id = await world.submit()

  const paths = [`/api/stories/${id}/terminal`, `/api/stories/${id}/runs/implementer/r1/screen`]
  const replies = await Promise.all(paths.map((path) => fetch(world.origin + path)))

  expect(replies.map(({ status }) => status)).toEqual([401, 401])
})

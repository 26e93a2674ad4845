/** What a designer gets of a page, and that a page gets nothing. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { openBrowser } from './browser.ts'
import { findOnPath } from './testing/find.ts'
import { jailed, unjailed } from './testing/jail-world.ts'

const program = { path: findOnPath('chromium') }
const browser = openBrowser(program, jailed())
const one = { name: 'small', width: 320, height: 200 }

afterAll(() => browser.close())

/** Width and height from a PNG's IHDR chunk (PNG specification 11.2.1). */
const sizeOf = (png: Buffer): number[] => [png.readUInt32BE(16), png.readUInt32BE(20)]

test('every viewport has its picture of the whole page and the places of its regions', async () => {
  const html = `<style>body { margin: 0 } div { width: 100%; height: 500px }</style>
    <div data-region="header">Hello <b>there</b></div><div data-region="list">Items</div>`
  const viewports = [one, { name: 'wide', width: 1000, height: 2000 }]

  const renderings = await browser.render({ html, viewports })

  expect(renderings.map(({ png }) => sizeOf(png))).toEqual([
    [320, 1000],
    [1000, 2000],
  ])
  expect(renderings[0]?.regions).toEqual([
    { id: 'header', x: 0, y: 0, width: 320, height: 500, text: 'Hello there' },
    { id: 'list', x: 0, y: 500, width: 320, height: 500, text: 'Items' },
  ])
  expect(renderings[1]).toMatchObject({ viewport: viewports[1], consoleErrors: [] })
})

test('a dark viewport is rendered dark', async () => {
  const html = `<p data-region="p"></p><script>
    document.querySelector('p').textContent = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'</script>`

  const renderings = await browser.render({ html, viewports: [one, { ...one, colorScheme: 'dark' }] })

  expect(renderings.map(({ regions }) => regions[0]?.text)).toEqual(['light', 'dark'])
})

test('what a page’s scripts complain of is told', async () => {
  const html = '<script>console.error("first"); throw new Error("second")</script>'

  const [rendering] = await browser.render({ html, viewports: [one] })

  expect(rendering?.consoleErrors).toEqual(expect.arrayContaining(['first', 'second']))
})

test('a page’s scripts reach no server, not even on this machine', async () => {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => response.end(String(asked.push(request.url)))).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const html = `<img src="${address}/image"><p id="done"></p>
    <script>fetch('${address}/fetch', { mode: 'no-cors' }).finally(() => { done.textContent = done.className = 'over' })</script>`
  const page = { html, viewports: [one], wait: '#done.over' }
  await using free = openBrowser(program, unjailed)
  await free.render(page)
  expect(asked.sort()).toEqual(['/fetch', '/image'])
  asked.length = 0

  await browser.render(page)

  expect(asked).toEqual([])
  server.close()
})

test('a page that hangs is one sentence, and the next one is rendered', async () => {
  const hanging = browser.render({ html: '<script>for (;;);</script>', viewports: [one], timeoutMs: 2000 })
  const next = browser.render({ html: 'fine', viewports: [one] })

  await expect(hanging).rejects.toThrow(/^The page could not be rendered: .+$/)
  expect(await next).toHaveLength(1)
})

test('a browser that crashed is one sentence, and the next page is rendered', async () => {
  const crashing = browser.render({ url: 'chrome://inducebrowsercrashforrealz', viewports: [one], timeoutMs: 5000 })

  await expect(crashing).rejects.toThrow(/^The page could not be rendered: .+$/)
  expect(await browser.render({ html: 'fine', viewports: [one] })).toHaveLength(1)
})

test('a browser that does not start is one sentence', async () => {
  await using broken = openBrowser({ path: findOnPath('false') }, jailed())

  await expect(broken.render({ html: '', viewports: [one] })).rejects.toThrow('The page could not be rendered')
})

/** The app of a story, from the built commit to the person's eyes: by the page's button, and by the command line. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processStart } from '@sluice/kit/process.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPersonsBrowser } from './testing/browser.ts'
import { type Line, openLine } from './testing/line.ts'
import { ownFiles, storyAbout } from './testing/tiny-stories.ts'

/** Its page tries the person's page and machine with whatever their browser would lend it. */
const APP = `
import { createServer } from 'node:http'
const page = (at) => \`<!doctype html><title>App</title><h1>The app</h1><p id="said">trying</p><script type="module">
const tries = [fetch('/own').then((r) => r.text()), fetch('\${at}/api/stories', { credentials: 'include' }),
  fetch('\${at}/api/session', { mode: 'no-cors', credentials: 'include' }), new Promise((done, not) => { const i = new Image(); i.onload = done; i.onerror = not; i.src = '\${at}/favicon.svg' })]
const all = await Promise.allSettled(tries)
document.getElementById('said').textContent = all.map(({ status }) => status).join(' ') + ' ' + (document.cookie || 'no cookie')
</script>\`
createServer((asked, reply) => {
  if (asked.url.startsWith('/own')) return reply.end('own')
  reply.setHeader('content-type', 'text/html')
  reply.end(page(decodeURIComponent(asked.url.split('?at=')[1] ?? '')))
}).listen(process.env.PORT)
`
const story = storyAbout('apps', ownFiles('apps'))

let line: Line
beforeAll(async () => {
  const config = 'checks: { test: "true" }\npreview: node app.mjs\n'
  line = await openLine({ stories: [story], files: { 'app.mjs': APP, 'sluice.yaml': config } })
}, 60_000)
afterAll(() => line[Symbol.asyncDispose](), 30_000)

/** As somebody in another terminal, for whom `up` has left where the house is. */
async function sluice(...args: string[]): Promise<{ code: number | null; said: string }> {
  const { origin, token, project } = line.house
  const house = { pid: process.pid, start: processStart(process.pid), origin, projectId: project.id, ...project }
  const data = join(line.dataDir, 'told')
  await mkdir(join(data, 'work'), { recursive: true })
  await writeFile(join(data, 'work/house.json'), JSON.stringify(house))
  await writeFile(join(data, 'work/token'), token)
  const file = join(import.meta.dirname, '../../cli/src/sluice.ts')
  return await new Promise((resolve) => {
    const env = { ...process.env, SLUICE_DATA: data }
    const child = execFile(process.execPath, [file, ...args], { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, said: stdout + stderr }),
    )
  })
}

test('a person looks at what a story has built, and what they look at reaches nothing of theirs', async () => {
  const id = await line.submit(story)
  await line.toGate(id, 'review')
  await using browser = await openPersonsBrowser()
  const context = await browser.newContext()
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  await page.goto(line.house.address)
  await page.goto(`${line.house.origin}/stories/${id}`)

  await page.getByRole('button', { name: 'Run the app' }).click()
  const address = await page.getByRole('link', { name: 'Open the app' }).getAttribute('href')
  const app = await context.newPage()
  await app.goto(`${address}?at=${encodeURIComponent(line.house.origin)}`)
  await app.getByRole('heading', { name: 'The app' }).waitFor()
  const said = app.locator('#said', { hasText: 'cookie' })

  expect(await said.textContent()).toBe('fulfilled rejected rejected rejected no cookie')

  const running = await sluice('story', 'preview', id)
  expect(running).toMatchObject({ code: 0, said: expect.stringContaining(String(address)) })
  expect((await sluice('story', 'preview', id, '--log')).said).toContain('$ node app.mjs')
  expect((await sluice('story', 'preview', id, '--stop')).said).toContain('is off')
  await page.getByText('The app is not running.').waitFor()
}, 180_000)

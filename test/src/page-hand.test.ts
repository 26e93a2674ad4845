/** The person's hand on a story, on the page in a real browser: they speak, pause, take the worktree and give it back, and attach what they see. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tool } from '@sluice/kit/testing/messages-script.ts'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openPersonsBrowser } from './testing/browser.ts'
import { type Line, openLine } from './testing/line.ts'
import { type Instead, ownFiles, storyAbout } from './testing/tiny-stories.ts'

const waits: Instead = (role, { calls }) =>
  role === 'implementer' && !calls.some(({ name }) => name === 'shell')
    ? { content: [tool('shell', { command: 'while ! test -e go; do sleep 0.1; done; rm go', timeoutSeconds: 600 })] }
    : undefined

const stories = {
  spoken: storyAbout('spoons', ownFiles('spoons'), { instead: waits }),
  taken: storyAbout('forks', ownFiles('forks'), { instead: waits }),
  shown: storyAbout('knives', ownFiles('knives')),
}

let line: Line
let browser: Browser
let page: Page

beforeAll(async () => {
  line = await openLine({ stories: Object.values(stories), implementers: 2 })
  browser = await openPersonsBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await line[Symbol.asyncDispose]()
}, 30_000)
beforeEach(async () => {
  page = await (await browser.newContext({ bypassCSP: true })).newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(line.house.address)
  await page.getByRole('status', { name: 'Connection: Live' }).waitFor()
  return () => page.context().close()
})

const worktree = (id: string) => join(line.dataDir, 'worktrees', line.house.project.id, id)
const hand = () => page.getByRole('region', { name: 'Your hand on it' })

async function atWork(story: (typeof stories)['spoken']): Promise<string> {
  const id = await line.submit(story)
  await line.approve(id, await line.toGate(id, 'architecture'))
  await line.when(id, ({ steps }) => steps.build.at === 'asked')
  await page.goto(`${line.house.origin}/stories/${id}`)
  return id
}

async function accessible(): Promise<void> {
  await page.evaluate(axe.source)
  const run = 'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }).then((r) => r.violations)'
  const violations = (await page.evaluate(run)) as { id: string; nodes: { html: string }[] }[]
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
}

test('what is typed is said by Enter, kept through a reload until then, and shown as heard', async () => {
  const id = await atWork(stories.spoken)
  const box = page.getByLabel('Say something to implementer')
  await box.fill('Use silver')
  await page.reload()
  expect(await box.inputValue()).toBe('Use silver')
  await line.when(id, ({ steps }) => steps.build.at === 'asked')

  await box.press('Control+End')
  await box.press('Shift+Enter')
  await box.pressSequentially('not tin.')
  await box.press('Enter')

  const said = page.getByRole('list', { name: 'What you said' })
  await said.getByText('heard by implementer').waitFor()
  expect(await box.inputValue()).toBe('')
  expect((await line.when(id, ({ words }) => words[0])).text).toBe('Use silver\nnot tin.')
  await accessible()
  if (process.env.SLUICE_SHOTS)
    await page.screenshot({ path: join(process.env.SLUICE_SHOTS, 'hand-said.png'), fullPage: true })
  await writeFile(join(worktree(id), 'go'), '')
}, 180_000)

test('paused, a story says so on board and page, and goes on when it is resumed', async () => {
  const id = await line.submit(stories.spoken, { title: 'Spoons again' })
  await page.goto(`${line.house.origin}/stories/${id}`)
  await hand().getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('heading', { name: 'Paused by you' }).waitFor()
  await page.goto(line.house.origin)
  await page.getByText('paused', { exact: true }).first().waitFor()

  await page.goto(`${line.house.origin}/stories/${id}`)
  await page.getByRole('button', { name: 'Resume' }).click()

  await page.getByRole('heading', { name: 'Paused by you' }).waitFor({ state: 'hidden' })
  await line.gate(id, 'scope')
}, 120_000)

test('a worktree is taken over and handed back with words', async () => {
  const id = await atWork(stories.taken)
  await hand().getByRole('button', { name: 'Take over' }).click()
  await page.getByRole('heading', { name: 'You have its worktree' }).waitFor()
  await page.getByText(worktree(id)).waitFor()
  await writeFile(join(worktree(id), 'handle.txt'), 'oak\n')
  await accessible()
  if (process.env.SLUICE_SHOTS)
    await page.screenshot({ path: join(process.env.SLUICE_SHOTS, 'hand-taken.png'), fullPage: true })

  await page.getByLabel('Anything they should know').fill('The handle is oak.')
  await page.getByRole('button', { name: 'Hand it back' }).click()

  await page.getByText('handle.txt (+1 −0)').waitFor()
  expect((await line.when(id, (story) => story)).hold).toBeNull()
}, 180_000)

test('a picture is attached to a new story and seen on it; engine and model are chosen there', async () => {
  await page.keyboard.press('n')
  const form = page.getByRole('form', { name: 'New story' })
  await form.getByLabel('What should change?').fill(stories.shown.text)
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    form.getByRole('button', { name: 'Attach files…' }).click(),
  ])
  const picture = await page.screenshot()
  await chooser.setFiles({ name: 'knife.png', mimeType: 'image/png', buffer: picture })
  await form.getByText('knife.png').waitFor()
  await form.getByText('Engine and model').click()
  await form.getByLabel('implementer: model').selectOption('claude-sonnet-5-5')
  await accessible()
  if (process.env.SLUICE_SHOTS)
    await page.screenshot({ path: join(process.env.SLUICE_SHOTS, 'hand-new.png'), fullPage: true })

  await form.getByRole('button', { name: 'Begin the story' }).click()

  await page.getByRole('img', { name: 'knife.png' }).waitFor()
  const id = page.url().split('/').at(-1) ?? ''
  const { submitted } = await line.when(id, (story) => story)
  expect(submitted).toMatchObject({
    choices: { implementer: { model: 'claude-sonnet-5-5' } },
    attachments: [{ name: 'knife.png', mediaType: 'image/png', bytes: picture.length }],
  })
  if (process.env.SLUICE_SHOTS)
    await page.screenshot({ path: join(process.env.SLUICE_SHOTS, 'hand-attached.png'), fullPage: true })
}, 120_000)

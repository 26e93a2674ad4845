/** A person in the line: words into a running conversation, a pause in the middle of a tool, the worktree in their own hands, pictures that reach every agent. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { roleIn } from '@sluice/demo/play/asked.ts'
import { pngOf } from '@sluice/kit/testing/messages-image.ts'
import { images, tool, userText } from '@sluice/kit/testing/messages-script.ts'
import { worktreePlace } from '@sluice/kit/worktree-place.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { runningAs } from '../testing/running.ts'
import { type Instead, ownFiles, type PlayedStory, storyAbout } from '../testing/tiny-stories.ts'

/** At work until somebody puts `go` beside it; begun twice, it says so. */
const waits =
  (seconds: string): Instead =>
  (role, { calls }) => {
    if (role !== 'implementer' || calls.some(({ name }) => name === 'shell')) return undefined
    const command = `test -e begun && echo TWICE; touch begun; while ! test -e go; do sleep ${seconds}; done; rm -f go begun`
    return { content: [tool('shell', { command, timeoutSeconds: 300 })] }
  }

const stories = {
  killed: storyAbout('hoods', ownFiles('hoods'), { instead: waits('0.171') }),
  paused: storyAbout('cloaks', ownFiles('cloaks'), { instead: waits('0.172') }),
  stopped: storyAbout('coats', ownFiles('coats'), { instead: waits('0.173') }),
  taken: storyAbout('mittens', ownFiles('mittens'), { instead: waits('0.174') }),
  byHand: storyAbout('sashes', ownFiles('sashes'), { instead: waits('0.175') }),
  shown: storyAbout('ribbons', ownFiles('ribbons')),
  chosen: storyAbout('buttons', ownFiles('buttons')),
}

let line: Line
beforeAll(async () => {
  line = await openLine({ stories: Object.values(stories), implementers: 6 })
}, 60_000)
afterAll(() => line[Symbol.asyncDispose](), 30_000)

const place = (id: string): string => {
  const projectId = line.events(id)[0]?.projectId ?? ''
  return worktreePlace(line.dataDir, { projectId, id })
}
const go = (id: string) => writeFile(join(place(id), 'go'), '')
const running = (seconds: string) =>
  vi.waitUntil(() => runningAs(`sleep ${seconds}`).length > 0, { timeout: 90_000, interval: 50 })
const wordsOf = (story: PlayedStory): string =>
  line
    .requests(story, 'implementer')
    .map(({ body }) => userText(body))
    .join('\n')
const built = (id: string) => line.events(id).findLast((event) => event.type === 'build.completed')
const startedBy = (pid: number) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')

/** At work, with a command that ends when it is told to. */
async function atWork(story: PlayedStory, seconds: string): Promise<string> {
  const id = await line.submit(story, { auto: true })
  await running(seconds)
  return id
}

describe.concurrent('a person in the line', { timeout: 180_000 }, () => {
  test('words that were heard outlive whoever heard them: killed before its next turn, the next one knows them', async () => {
    const id = await atWork(stories.killed, '0.171')
    const { body } = await line.say(id, 'steer', { text: 'Sew them of felt.' })
    const worker = await workerOf(id)
    process.kill(worker, 'SIGKILL')

    const story = await line.shipped(id)

    expect(body.heard).toBe(true)
    expect(await startedBy(worker)).toBe('')
    expect(story.words).toMatchObject([{ text: 'Sew them of felt.', heard: { role: 'implementer' } }])
    const last = line.requests(stories.killed, 'implementer').at(-1)
    expect(last && userText(last.body).match(/Sew them of felt\./g)).toHaveLength(1)
  })

  test('a pause comes after the tool at work, frees the replica, and resumed it goes on in the same conversation', async () => {
    const id = await atWork(stories.paused, '0.172')
    await line.say(id, 'pause')
    await go(id)
    const step = await line.paused(id)
    const asked = line.requests(stories.paused, 'implementer').length
    await line.say(id, 'steer', { text: 'Line them with silk.' })

    await line.say(id, 'resume')
    const story = await line.shipped(id)

    expect(step).toMatchObject({ waiting: { kind: 'person', why: 'paused' } })
    expect(asked).toBe(1)
    expect(wordsOf(stories.paused)).not.toContain('TWICE')
    expect(story.words[0]?.heard).toMatchObject({ role: 'implementer' })
    expect(wordsOf(stories.paused)).toContain('Line them with silk.')
  })

  test('a stop ends the tool at work within seconds, and the story asks the person', async () => {
    const id = await atWork(stories.stopped, '0.173')
    const from = Date.now()

    await line.say(id, 'stop')
    await line.paused(id)

    expect(Date.now() - from).toBeLessThan(12_000)
    expect(runningAs('sleep 0.173')).toEqual([])
    await line.say(id, 'resume')
    await line.shipped(id)
  })

  test('a worktree that is handed back is gone on with: the agent is told what changed, and both works land', async () => {
    const id = await atWork(stories.taken, '0.174')
    await line.say(id, 'take')
    const lent = await line.when(id, ({ hold }) => hold?.lent)
    await writeFile(join(lent.path, 'lining.txt'), 'wool\n')

    await line.say(id, 'hand-back', { words: 'The thumbs are yours.' })
    const story = await line.shipped(id)

    expect(lent.path).toBe(place(id))
    expect(wordsOf(stories.taken)).toMatch(/lining\.txt \(\+1 −0\)[\s\S]*The thumbs are yours\./)
    const landed = line.git('ls-tree', '-r', '--name-only', story.shipped?.commit ?? '')
    expect(landed).toContain('lining.txt')
    expect(landed).toContain('mittens.sh')
  })

  test('a person’s own work is the build: no model is asked for it, and it is judged like any other', async () => {
    const id = await atWork(stories.byHand, '0.175')
    await line.say(id, 'take')
    const { path } = await line.when(id, ({ hold }) => hold?.lent)
    const asked = line.requests(stories.byHand, 'implementer').length
    await writeFile(join(path, 'sashes.sh'), 'echo "sashes"\n')
    await writeFile(join(path, 'sashes.test.sh'), 'test "$(sh sashes.sh)" = "sashes"\n')

    await line.say(id, 'hand-back', { done: true, words: 'Sewn by hand.' })
    const story = await line.shipped(id)

    expect(line.requests(stories.byHand, 'implementer')).toHaveLength(asked)
    expect(built(id)?.data).toMatchObject({ summary: 'Sewn by hand.', occupant: { program: 'person' } })
    expect(line.git('show', `${story.shipped?.commit}:sashes.sh`)).toBe('echo "sashes"')
  })

  test('what is attached reaches every agent: pictures as they are, texts as text, files where the jail can read them', async () => {
    const picture = await put(pngOf(320, 200))
    const notes = await put(Buffer.from('The ribbons are 3 cm wide.'))
    const attachments = [
      { sha256: picture, name: 'ribbon.png' },
      { sha256: notes, name: 'notes.md' },
    ]

    const id = await line.submit(stories.shown, { auto: true, attachments })
    await line.shipped(id)

    const requests = line.requests(stories.shown)
    const roles = ['analyst', 'designer', 'architect', 'implementer', 'security reviewer']
    const seen = roles.filter((role) => {
      const mine = requests.filter(({ body }) => roleIn(body) === role)
      return mine.some(
        ({ body }) =>
          images(body).some(({ source }) => isBytes(source, picture)) && userText(body).includes('3 cm wide'),
      )
    })
    expect(seen).toEqual(roles)
    expect(existsSync(join(line.dataDir, 'attached', id, 'ribbon.png'))).toBe(true)
    expect(wordsOf(stories.shown)).toContain(
      `It lies at ${join(line.dataDir, 'attached', id, 'ribbon.png')}, read-only.`,
    )
  })

  test('a story works with what was chosen for it, role by role, and every answer says so', async () => {
    const choices = { implementer: { model: 'claude-sonnet-5-5', effort: 'low' } }

    const id = await line.submit(stories.chosen, { auto: true, choice: { model: 'claude-haiku-5-5' }, choices })
    await line.shipped(id)

    const models = (role: string) => new Set(line.requests(stories.chosen, role).map(({ body }) => body.model))
    expect([...models('implementer')]).toEqual(['claude-sonnet-5-5'])
    expect([...models('analyst')]).toEqual(['claude-haiku-5-5'])
    expect(line.requests(stories.chosen, 'implementer')[0]?.body).toMatchObject({ output_config: { effort: 'low' } })
    expect(built(id)?.data).toMatchObject({ occupant: { engine: 'anthropic', model: 'claude-sonnet-5-5' } })
  })
})

/** The replica that has the story's build in hand: its journal names it. */
async function workerOf(id: string): Promise<number> {
  const request = await line.when(id, ({ steps }) => steps.build.at === 'asked' && steps.build.request)
  const { body } = await line.ask<{ runId: string; notes: unknown[] }[]>('GET', `/api/stories/${id}/runs`)
  expect(body.some(({ runId }) => runId === request)).toBe(true)
  const entry = await line.bus.last('RUN', `run.implementer.${id}.${request}.1`)
  if (!entry) throw new Error(`The journal of ${request} did not begin.`)
  return (entry.data as { data: { pid: number } }).data.pid
}

async function put(bytes: Buffer): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { origin, token } = line.house
  const headers = { authorization: `Bearer ${token}` }
  const reply = await fetch(`${origin}/artifacts/${sha256}`, { method: 'PUT', headers, body: new Uint8Array(bytes) })
  expect(reply.status).toBe(200)
  return sha256
}

const isBytes = (source: { type: string; data?: string }, sha256: string): boolean =>
  createHash('sha256')
    .update(Buffer.from(source.data ?? '', 'base64'))
    .digest('hex') === sha256

/** Claude Code at work when something around it breaks: its replica stopped for longer than anybody waits, the gateway killed in the middle of an answer. */
import { readFileSync } from 'node:fs'
import { defaultSettings } from '@sluice/cli/settings.ts'
import { claudeSettings } from '@sluice/kit/testing/claude-subject.ts'
import { tool } from '@sluice/kit/testing/messages-script.ts'
import type { RunView } from '@sluice/proto/rest.ts'
import { expect, test, vi } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { runningAs } from '../testing/running.ts'
import { type Instead, ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const settings = {
  ...defaultSettings,
  engines: { 'claude-code': claudeSettings() },
  roles: { implementer: { engine: 'claude-code' } },
}
const PATIENCE_MS = 180_000
const SLEEP = 'sleep 86396.25'
/** For ever the first time, and at once the second; whoever comes while another is at it says so. */
const COMMAND = `exec 9>held; flock -n 9 || echo TWICE; if test -e begun; then rm begun held; else touch begun; ${SLEEP}; fi`

const worksLong: Instead = (role, { calls }) => {
  const isDone = calls.some(({ name, isError }) => name === 'Bash' && !isError)
  return role !== 'implementer' || isDone ? undefined : { content: [tool('Bash', { command: COMMAND })] }
}

test('its replica stopped, it is ended and goes on in its session under another', { timeout: 300_000 }, async () => {
  const story = storyAbout('a stopped replica', ownFiles('stopped'), { instead: worksLong })
  await using line = await openLine({
    ...{ stories: [story], settings, implementers: 2, ackWaitMs: 3_000, patienceMs: PATIENCE_MS },
  })
  const id = await line.submit(story, { auto: true })
  await vi.waitUntil(() => runningAs(SLEEP).length > 0, { timeout: 120_000, interval: 50 })
  const replica = ownerOf(runningAs(SLEEP)[0] ?? 0, line)

  process.kill(replica, 'SIGSTOP')
  const shipped = await line.shipped(id)
  process.kill(replica, 'SIGCONT')

  const said = line.requests(story, 'implementer').map(({ body }) => JSON.stringify(body.messages))
  expect(shipped.status).toBe('shipped')
  expect(runningAs(SLEEP)).toEqual([])
  expect(said.some((messages) => messages.includes('The work was interrupted and goes on now.'))).toBe(true)
  expect(said.join()).not.toContain('"TWICE')
  expect(await attemptsAt(line, id)).toBe(2)
})

test('the gateway killed in the middle of an answer, it asks again and nothing else is', {
  timeout: 300_000,
}, async () => {
  let killing: (() => void) | null = null
  let begins = 0
  const killsOnce: Instead = (role, { calls }) => {
    if (role !== 'implementer' || calls.length > 0) return undefined
    begins++
    const kill = killing
    killing = null
    const content = ['I begin.', tool('Bash', { command: 'echo once >> done-so-often.txt; git add -A' })]
    if (!kill) return { content }
    // It stalls where it is in the middle, until whoever asked is gone.
    setTimeout(kill, 200)
    return { content, stallAfter: 4 }
  }
  const story = storyAbout('a killed gateway', ownFiles('gateway'), { instead: killsOnce })
  await using line = await openLine({ stories: [story], settings, patienceMs: PATIENCE_MS })
  const gateway = line.house.pids().find(({ name }) => name === 'llm-gateway')
  killing = () => process.kill(gateway?.pid ?? 0, 'SIGKILL')

  const id = await line.submit(story, { auto: true })
  const shipped = await line.shipped(id)

  expect(killing).toBeNull()
  expect(shipped.status).toBe('shipped')
  // The call in flight, and no other.
  expect(begins).toBe(2)
  expect(line.git('show', 'main:done-so-often.txt')).toBe('once')
})

/** The replica whose jail this runs in. */
function ownerOf(pid: number, { house }: Pick<Line, 'house'>): number {
  const implementers = house.pids().flatMap(({ name, pid }) => (name === 'implementer' && pid !== null ? [pid] : []))
  for (let at = pid; at > 1; at = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${at}/status`, 'utf8'))?.[1]))
    if (implementers.includes(at)) return at
  throw new Error(`No implementer owns ${pid}.`)
}

async function attemptsAt({ ask }: Line, id: string): Promise<number> {
  const { body } = await ask<RunView[]>('GET', `/api/stories/${id}/runs`)
  return Math.max(...body.flatMap(({ source, attempts }) => (source === 'implementer' ? [attempts] : [])))
}

/** An implementer killed, or stopped, while somebody else's agent works for it: another replica goes on in the agent's session, and no command runs twice at once. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defaultSettings } from '@sluice/cli/settings.ts'
import { EnginesConfig } from '@sluice/kit/engines-config.ts'
import { tool } from '@sluice/kit/testing/messages-script.ts'
import type { RunView } from '@sluice/proto/rest.ts'
import { expect, test, vi } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { runningAs } from '../testing/running.ts'
import { type Instead, ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const AGENT = fileURLToPath(new URL('../../../kit/src/testing/acp-agent.mjs', import.meta.url))
const engines = EnginesConfig.parse({ 'acp:test': { command: [process.execPath, AGENT] } })
const settings = { ...defaultSettings, engines, roles: { implementer: { engine: 'acp:test' } } }

/** For ever the first time, and at once the second; whoever comes while another is at it says so. */
const commandFor = (sleep: string) =>
  `exec 9>held; flock -n 9 || echo TWICE; if test -e begun; then rm begun held; else touch begun; ${sleep}; fi`

function worksLong(sleep: string): Instead {
  return (role, { calls }) => {
    const isDone = calls.some(({ name, isError }) => name === 'shell' && !isError)
    if (role !== 'implementer' || isDone) return undefined
    return { content: [tool('shell', { command: commandFor(sleep) })] }
  }
}

test.each([
  ['killed', 'SIGKILL', 'sleep 86397.25'],
  ['stopped', 'SIGSTOP', 'sleep 86398.25'],
] as const)(
  '%s, its agent is ended and goes on in its session under another replica',
  { timeout: 240_000 },
  async (_, signal, sleep) => {
    const story = storyAbout(`what is ${signal}`, ownFiles(signal.toLowerCase()), { instead: worksLong(sleep) })
    await using line = await openLine({ stories: [story], settings, implementers: 2, ackWaitMs: 3_000 })
    const id = await line.submit(story, { auto: true })
    await vi.waitUntil(() => runningAs(sleep).length > 0, { timeout: 120_000, interval: 50 })
    const worker = ownerOf(runningAs(sleep)[0] ?? 0, line)

    process.kill(worker, signal)
    const shipped = await line.shipped(id)
    if (signal === 'SIGSTOP') process.kill(worker, 'SIGCONT')

    const said = line.requests(story, 'implementer').map(({ body }) => JSON.stringify(body.messages))
    expect(shipped.status).toBe('shipped')
    expect(runningAs(sleep)).toEqual([])
    expect(said.some((messages) => messages.includes('You were interrupted and go on now.'))).toBe(true)
    expect(said.join()).not.toContain('"TWICE')
    expect(await attemptsAt(line, id)).toBe(2)
  },
)

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

/** A person takes a story's files back to a checkpoint: at the gate, while the agent works, single files, and forward again. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tool } from '@sluice/kit/testing/messages-script.ts'
import type { Event, EventName } from '@sluice/proto/events.ts'
import type { CheckpointView, Commanded } from '@sluice/proto/rest.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { runningAs } from '../testing/running.ts'
import { type Instead, ownFiles, type PlayedStory, storyAbout } from '../testing/tiny-stories.ts'

const LONG = '86398.75'

/** Starts what never ends, until the person has taken the files back. */
const worksLong: Instead = (role, { calls, prompt }) => {
  const hasWritten = calls.some(({ name }) => name === 'write')
  if (role !== 'implementer' || !hasWritten || prompt.includes('I took all files back')) return undefined
  return { content: [tool('shell', { command: `echo late > late.txt; sleep ${LONG}`, timeoutSeconds: 900 })] }
}

/** Two steps, each a turn that changes files. */
const inTwoSteps = (about: string): PlayedStory => ({
  ...storyAbout(about, []),
  solution: [
    { name: '1-begin', edits: ownFiles(`${about}-begin`) },
    { name: '2-end', edits: ownFiles(`${about}-end`) },
  ],
})

const stories = {
  judged: inTwoSteps('scarves'),
  talked: inTwoSteps('mittens'),
  single: inTwoSteps('boots'),
  working: storyAbout('capes', ownFiles('capes'), { instead: worksLong }),
}

let line: Line
beforeAll(async () => {
  line = await openLine({ stories: Object.values(stories), implementers: 2 })
}, 60_000)
afterAll(() => line[Symbol.asyncDispose](), 30_000)

const checkpointsOf = async (id: string): Promise<CheckpointView[]> =>
  (await line.ask<CheckpointView[]>('GET', `/api/stories/${id}/checkpoints`)).body
const of = <T extends EventName>(id: string, type: T) =>
  line.events(id).filter((event): event is Extract<Event, { type: T }> => event.type === type)
const builds = (id: string, count: number) =>
  line.when(id, ({ builds, gate }) => builds === count && gate?.gate === 'review' && gate)
const filesAt = (commit: string) => line.git('ls-tree', '--name-only', commit).split('\n').sort()
const worktreeOf = (id: string) => {
  const [listed = ''] = line
    .git('worktree', 'list', '--porcelain')
    .split('\n\n')
    .filter((w) => w.includes(`/${id}\n`))
  return /^worktree (.+)$/m.exec(listed)?.[1] ?? ''
}

describe.concurrent('files go back', { timeout: 150_000 }, () => {
  test('at the review gate: the verdicts are void, the round is handed in anew, and what was is a checkpoint', async () => {
    const id = await line.submit(stories.judged)
    await line.toGate(id, 'review')
    const before = await checkpointsOf(id)
    expect(before.map(({ n, files }) => [n, files.map(({ path }) => path)])).toEqual([
      [1, ['scarves-begin.sh', 'scarves-begin.test.sh']],
      [2, ['scarves-end.sh', 'scarves-end.test.sh']],
    ])
    const patch = await line.ask<string>('GET', `/api/stories/${id}/checkpoints/1/patch?since=true`)
    expect(patch.body).toContain('+++ b/scarves-end.sh')

    expect((await line.say(id, 'rewind', { n: 1 })).status).toBe(200)
    const gate = await builds(id, 2)

    const built = of(id, 'build.completed')
    expect(filesAt(built[1]?.data.judged.commit ?? '')).toContain('scarves-begin.sh')
    expect(filesAt(built[1]?.data.judged.commit ?? '')).not.toContain('scarves-end.sh')
    expect(gate.judged).toEqual(built[1]?.data.judged)
    expect(gate.judged?.patchId).not.toBe(built[0]?.data.judged.patchId)
    expect(of(id, 'review.requested').map(({ data }) => data.judged.commit)).toEqual(
      built.map((b) => b.data.judged.commit),
    )
    expect((await checkpointsOf(id)).map(({ title }) => title)).toContain('Back to checkpoint 1')

    // And forward again: nothing was lost.
    expect((await line.say(id, 'rewind', { n: 2 })).status).toBe(200)
    await builds(id, 3)
    expect(filesAt(of(id, 'build.completed')[2]?.data.judged.commit ?? '')).toContain('scarves-end.sh')
  })

  test('with the talk cut too, the agent goes on from that turn as if the later ones had not been', async () => {
    const id = await line.submit(stories.talked)
    await line.toGate(id, 'review')

    expect((await line.say(id, 'rewind', { n: 1, talk: 'cut' })).status).toBe(200)
    await builds(id, 2)

    const last = line.requests(stories.talked, 'implementer').at(-1)?.body
    expect(filesAt(of(id, 'build.completed')[1]?.data.judged.commit ?? '')).toContain('mittens-end.sh')
    expect(JSON.stringify(last?.messages)).toContain('I took all files back to what they were at checkpoint 1.')
    expect(JSON.stringify(last?.messages).match(/mittens-begin\.sh/g)?.length).toBeGreaterThan(0)
  })

  test('single files go back and the others stay', async () => {
    const id = await line.submit(stories.single)
    await line.toGate(id, 'review')
    const nowhere = await line.say(id, 'rewind', { n: 1, files: ['nowhere.txt'] })

    expect((await line.say(id, 'rewind', { n: 1, files: ['boots-end.test.sh'] })).status).toBe(200)
    await builds(id, 2)

    const files = filesAt(of(id, 'build.completed')[1]?.data.judged.commit ?? '')
    expect(nowhere).toMatchObject({ status: 404, body: { error: expect.stringContaining('nowhere.txt') } })
    expect(files).toContain('boots-end.sh')
    expect(files).not.toContain('boots-end.test.sh')
  })

  test('while the agent works: it is stopped with all it started, and another attempt goes on from the checkpoint', async () => {
    const id = await line.submit(stories.working)
    await line.approve(id, await line.toGate(id, 'architecture'))
    await vi.waitUntil(() => runningAs(`sleep ${LONG}`).length > 0, { timeout: 90_000, interval: 50 })
    const dir = worktreeOf(id)
    expect(readFileSync(join(dir, 'late.txt'), 'utf8')).toBe('late\n')

    const { status } = await line.ask<Commanded>('POST', `/api/stories/${id}/rewind`, { n: 1 })
    await builds(id, 1)

    expect(status).toBe(200)
    expect(runningAs(`sleep ${LONG}`)).toEqual([])
    expect(existsSync(join(dir, 'late.txt'))).toBe(false)
    expect(of(id, 'build.requested')).toHaveLength(2)
    // Stopped, it answers nothing: what it had cost is said by what stopped it.
    expect(of(id, 'story.rewound')[0]?.data.spent?.implementer?.costUsd).toBeGreaterThan(0)
    const kept = (await checkpointsOf(id)).find(({ title }) => title === 'Before going back to checkpoint 1')
    expect(line.git('show', `${kept?.commit}:late.txt`)).toBe('late')
  })
})

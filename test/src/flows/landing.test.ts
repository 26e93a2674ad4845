/** How stories come onto the base: beside each other, in each other's way, and past what the person has in their own checkout. */
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { newBaseIn } from '@sluice/demo/play/round.ts'
import { tool, userText } from '@sluice/kit/testing/messages-script.ts'
import type { Event, EventName } from '@sluice/proto/events.ts'
import type { MemoryHit, RunView } from '@sluice/proto/rest.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { type Instead, ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const LIST = ['first', 'one', 'two', 'three', 'four', 'five', 'last']
const listOf = (...lines: string[]) => `${lines.join('\n')}\n`

/** Where the story did not merge by itself, the file is written as both sides meant it. */
const resolves: Instead = (role, asked) => {
  const isTyped = asked.calls.some(({ name }) => name === 'write')
  if (role !== 'implementer' || isTyped || !newBaseIn(asked)?.conflicts.includes('name')) return undefined
  return { content: [tool('write', { path: 'name', content: 'Left and right\n' })] }
}

const stories = {
  top: storyAbout('the top', [{ path: 'list', old: 'first', new: 'FIRST' }, ...ownFiles('top')]),
  end: storyAbout('the end', [{ path: 'list', old: 'last', new: 'LAST' }, ...ownFiles('end')]),
  left: storyAbout('the left', [{ path: 'name', old: 'Nobody', new: 'Left' }], { instead: resolves }),
  right: storyAbout('the right', [{ path: 'name', old: 'Nobody', new: 'Right' }], { instead: resolves }),
  stashed: storyAbout('stashes', [{ path: 'stash', old: 'empty', new: 'full' }]),
  committed: storyAbout('commits', [{ path: 'commits', old: 'none', new: 'some' }]),
  later: storyAbout('what the top was', ownFiles('later')),
}
type Name = keyof typeof stories
const files = { list: listOf(...LIST), name: 'Nobody\n', stash: 'empty\n', commits: 'none\n' }

let line: Line
const ids = {} as Record<Name, string>
beforeAll(async () => {
  line = await openLine({ stories: Object.values(stories), files, implementers: 2 })
  const built = Object.keys(stories).filter((name) => name !== 'later') as Name[]
  for (const name of built) ids[name] = await line.submit(stories[name])
  await Promise.all(built.map((name) => line.toGate(ids[name], 'review')))
}, 200_000)
afterAll(() => line[Symbol.asyncDispose](), 30_000)

const of = <T extends EventName>(name: Name, type: T) =>
  line.events(ids[name]).filter((event): event is Extract<Event, { type: T }> => event.type === type)
const onScreen = (path: string) => readFileSync(join(line.repository, path), 'utf8')
const ship = (name: Name) => line.ship(ids[name])

describe('six stories, each built on the same commit and approved', { timeout: 120_000 }, () => {
  test('two that change one file in two places both land: the second is rebased, its sign-off carried, its tree checked', async () => {
    await Promise.all([ship('top'), ship('end')])

    const second = of('top', 'merge.completed')[0]?.data.from === line.start ? 'end' : 'top'
    const [carried] = of(second, 'signoff.carried')
    const [checked] = of(second, 'review.requested').slice(-1)
    const [shipped] = of(second, 'story.shipped')
    expect(onScreen('list')).toBe(listOf('FIRST', ...LIST.slice(1, -1), 'LAST'))
    expect(of(second, 'build.requested')).toHaveLength(1)
    expect(carried?.data.to).toMatchObject({
      patchId: carried?.data.from.patchId,
      base: line.git('rev-parse', 'main~1'),
    })
    expect(carried?.data.to.commit).not.toBe(carried?.data.from.commit)
    expect(checked?.data).toMatchObject({ landing: true, seats: ['checks'] })
    expect(checked?.data.judged.tree).toBe(line.git('rev-parse', `${shipped?.data.commit}^{tree}`))
    expect(shipped?.data.commit).toBe(line.git('rev-parse', 'main'))
  })

  test('of two that change one line the second has one more round on the new base, and both are merged', async () => {
    await ship('left')
    await line.approve(ids.right, await line.gate(ids.right, 'review'))
    const conflict = await line.when(ids.right, ({ onto }) => onto)
    await line.approve(ids.right, await line.gate(ids.right, 'review'))
    await line.shipped(ids.right)

    const [, round] = of('right', 'build.requested')
    expect(conflict).toEqual({ commit: of('left', 'story.shipped')[0]?.data.commit, conflicts: ['name'] })
    expect(round?.data).toMatchObject({ round: 2, onto: conflict })
    expect(of('right', 'build.requested')).toHaveLength(2)
    expect(onScreen('name')).toBe('Left and right\n')
  })

  test('what the person has changed and not committed is named; put away, a retry lands', async () => {
    line.write('stash', 'mine\n')
    await line.approve(ids.stashed, await line.gate(ids.stashed, 'review'))
    const { waiting } = await line.paused(ids.stashed)
    line.git('stash')

    await line.say(ids.stashed, 'retry')

    await line.shipped(ids.stashed)
    expect(waiting).toMatchObject({ kind: 'checkout', path: line.repository, files: ['stash'] })
    expect(onScreen('stash')).toBe('full\n')
    expect(line.git('stash', 'show', '-p')).toContain('+mine')
  })

  test('a base that the person moved between approval and landing is landed on, not lost', async () => {
    line.write('README.md', '# Mine\n')
    await line.approve(ids.committed, await line.gate(ids.committed, 'review'))
    await line.paused(ids.committed)
    line.git('commit', '--quiet', '--all', '--message', 'Mine')
    const mine = line.git('rev-parse', 'main')

    await line.say(ids.committed, 'retry')

    await line.shipped(ids.committed)
    expect(of('committed', 'release.completed').map(({ data }) => data.result.kind)).toEqual([
      ...['rebased', 'moved', 'rebased', 'landed'],
    ])
    expect(line.git('rev-parse', 'main~1')).toBe(mine)
    expect([onScreen('README.md'), onScreen('commits')]).toEqual(['# Mine\n', 'some\n'])
  })

  test('what has shipped is remembered: it is shown in the run and stands in the prompt', async () => {
    ids.later = await line.submit(stories.later)
    await line.gate(ids.later, 'scope')

    const { body: runs } = await line.ask<RunView[]>('GET', `/api/stories/${ids.later}/runs`)
    const [asked] = line.requests(stories.later, 'analyst')
    const notes = runs.flatMap(({ notes }) => notes.map(({ text }) => text))
    expect(notes).toContain('Remembered: Know the top')
    expect(asked && userText(asked.body)).toContain('<earlier-story title="Know the top" commit="')
  })

  test('what is remembered is made anew from the stream when it is lost', async () => {
    const pid = line.pid('memory')
    await rm(join(line.dataDir, 'memory'), { recursive: true })
    process.kill(pid, 'SIGKILL')
    await vi.waitUntil(() => line.house.pids().some((p) => p.name === 'memory' && p.pid && p.pid !== pid), 20_000)

    const found = await vi.waitUntil(async () => {
      const { status, body } = await line.ask<MemoryHit[]>('GET', '/api/memory?q=top')
      return status === 200 && body
    }, 30_000)

    expect(found.map(({ storyId }) => storyId)).toContain(ids.top)
  })
})

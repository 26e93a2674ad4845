/** The tiny story: played by the real roles, and killed in the middle of every call it ends the same. */
import type { Entry } from '@sluice/kit/run.ts'
import { expect, test } from 'vitest'
import { openPlayed } from './testing/played.ts'
import { treeOf } from './testing/scripted.ts'
import { makeTinyRepository, TINY_STORY, tinyModel, tinyStory } from './tiny.ts'

const open = () =>
  openPlayed(tinyModel, {
    text: TINY_STORY,
    make: makeTinyRepository,
    checks: [{ name: 'test', command: 'sh test.sh' }],
  })

test('it is planned and built, and its own check passes in the terminal', async () => {
  await using played = await open()

  const { data } = await played.build(await played.plan())

  expect(data.files.map(({ path }) => path)).toEqual(['greet.sh', 'name.test.sh'])
  expect(data.summary).toContain('test passed')
  expect(data.recording).toBeDefined()
}, 60_000)

test('killed in the middle of any call it goes on, and leaves the same tree', async () => {
  await using played = await open()
  const approved = await played.approved(tinyStory)
  const { journal, data } = await played.build(approved)
  const tree = treeOf(played)

  for (const at of begun(journal)) {
    const again = await played.build(approved, {}, journal.slice(0, at))
    expect(treeOf(played)).toBe(tree)
    expect(again.data.summary).toBe(data.summary)
  }

  expect(begun(journal)).toHaveLength(5)
}, 60_000)

/** Lengths of the journal just after a call of a tool was begun. */
const begun = (journal: readonly Entry[]): number[] =>
  journal.flatMap(({ kind, data }, i) =>
    kind === 'note' && (data as { state?: string }).state === 'started' ? [i + 1] : [],
  )

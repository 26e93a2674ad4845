/** A backup that was taken while a story was at work is a Sluice of its own: the story goes on there, and ships. */
import { join } from 'node:path'
import { bringBack } from '@sluice/cli/backup/bring-back.ts'
import { takeBackup } from '@sluice/cli/backup/take.ts'
import { openHouse } from '@sluice/cli/house.ts'
import { expect, test } from 'vitest'
import { followStories, openLine } from '../testing/line.ts'
import { ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const told = storyAbout('backups', ownFiles('backups'))
const about = { say: () => {}, now: () => new Date() }

test('a story whose Sluice and data are gone is shipped from the backup', { timeout: 180_000 }, async () => {
  await using line = await openLine({ stories: [told] })
  const id = await line.submit(told)
  await line.toGate(id, 'review')
  const file = join(line.dataDir, '..', 'copy.tar.gz')
  await takeBackup({ dir: line.dataDir, which: 'work', running: true, file, ...about })
  await line.house[Symbol.asyncDispose]()

  const { dir } = await bringBack({ file, base: join(line.dataDir, '..', 'back'), force: false, ...about })
  const upstream = { url: line.api.url, key: 'sk-ant-scripted' }
  await using house = await openHouse({ dataDir: dir, repository: line.repository, implementers: 1, upstream })
  await house.ready
  await using back = await followStories(dir, house)
  await back.when(id, (story) => story.gate?.gate === 'review')
  await back.ship(id)

  expect(line.git('log', '--format=%B', 'main')).toContain(`Story: ${id}`)
  expect(back.events(id).filter(({ type }) => type === 'build.requested')).toHaveLength(1)
})

/** Checkpoints and forks from the command line, against a whole house. */
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { sluice } from '@sluice/cli/testing/run.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const story = storyAbout('belts', ownFiles('belts'))

let line: Line
let id: string
let data: string
beforeAll(async () => {
  line = await openLine({ stories: [story], implementers: 2 })
  id = await line.submit(story)
  await line.toGate(id, 'review')
  // As `sluice up` lays it: the house of one's own work under the data directory.
  data = join(line.dataDir, 'as-laid')
  await mkdir(data)
  await symlink(line.dataDir, join(data, 'work'))
}, 150_000)
afterAll(() => line[Symbol.asyncDispose](), 30_000)

const run = (...args: string[]) => sluice(['story', ...args], { data })

test('checkpoints, rewind, fork, compare, keep', async () => {
  const listed = await run('checkpoints', id)
  expect(listed.stdout).toMatch(
    /^N +At +What +Files\n1 .* Turn \d+: write belts\.sh, write belts\.test\.sh +2 files \+2 -0\n/,
  )

  const wrong = await run('rewind', id, '9')
  expect(wrong).toMatchObject({ code: 1, stderr: 'sluice: This story has no checkpoint 9. There are 1 to 1.\n' })
  expect(await run('rewind', id, 'x')).toMatchObject({ code: 2 })
  expect((await run('rewind', id, '1', '--and-talk')).stdout).toContain('go back to checkpoint 1')
  await line.when(id, ({ builds, gate }) => builds === 2 && gate)

  const nowhere = await run('fork', id, '--at', 'lunch')
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('--at names a gate') })
  const forked = await run(
    'fork',
    id,
    '--at',
    'architecture',
    '--title',
    'Belts, otherwise',
    '--effort',
    'low',
    '--json',
  )
  const { id: child } = JSON.parse(forked.stdout) as { id: string }
  await line.gate(child, 'review')

  const { stdout: compared } = await run('compare', id, child)
  expect(compared).toMatch(/Rounds +2 +1\n/)
  expect(compared).toContain('Nothing but their own documents.')
  expect(JSON.parse((await run('compare', id, child, '--json')).stdout)).toMatchObject({ other: { parent: id } })

  expect((await run('keep', child, '--reason', 'Simpler.')).stdout).toBe(`Story ${child} is kept. Cancelled: ${id}.\n`)
  expect((await run('rewind', id, '1')).stderr).toContain('The story is cancelled already.')
}, 240_000)

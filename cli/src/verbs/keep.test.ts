/** `sluice keep` without anything that it is kept for: what it writes, and what it refuses. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { tinyWorld } from '../testing/tiny-world.ts'

test('--prepare writes what broker and services read, and changes nothing the second time', async () => {
  await using world = await tinyWorld()
  const prepare = () =>
    sluice(['keep', '--prepare', '--repo', world.repository, '--first-port', '5000'], { data: world.dataDir })
  const file = (name: string) => readFileSync(join(world.dataDir, 'work', 'bus', name), 'utf8')

  const first = await prepare()
  const written = [file('nats.conf'), file('web.json')]
  const second = await prepare()

  expect([first.code, second.code]).toEqual([0, 0])
  expect(written[0]).toMatch(/^port: 5002$/m)
  expect(JSON.parse(written[1] ?? '')).toMatchObject({ url: '127.0.0.1:5002', own: { port: 5000, framesPort: 5001 } })
  expect([file('nats.conf'), file('web.json')]).toEqual(written)
})

test.for([
  [[], '--repo is missing.'],
  [['--repo', '.', '--first-port', '65533'], '--first-port 65533 leaves no 6 ports in a row.'],
] as const)('%s is refused: %s', async ([args, problem]) => {
  const { code, stderr } = await sluice(['keep', ...args])

  expect(code).toBe(2)
  expect(stderr).toContain(`${problem} Usage: sluice keep --repo PATH`)
})

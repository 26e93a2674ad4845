/** What `npm pack` gives works where nothing of this checkout is. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { processesOf } from '@sluice/cli/testing/processes.ts'
import { makeDemoRepository } from '@sluice/demo/repository.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Packed, packAndInstall } from './testing/packed.ts'

let packed: Packed
beforeAll(async () => {
  packed = await packAndInstall()
}, 600_000)
afterAll(() => packed?.[Symbol.asyncDispose]())

test('it holds built programs, the page and the demo, and nothing of development', () => {
  const ours = packed.files.filter((file) => !file.startsWith('dist/demo/'))

  expect(ours).toContain('dist/ui/dist/index.html')
  expect(ours).toContain('LICENSE')
  expect(ours.filter((file) => /\.tsx?$|\.test\.|(^|\/)(bench|test|node_modules)\//.test(file))).toEqual([])
})

test('`sluice up` answers on its page, with the demo whole, and killed outright leaves nothing', async () => {
  const data = join(packed.home, '.local/share/sluice/demo')
  const up = packed.sluice('up', '--no-open', '--no-stories')
  const address = await addressSaid(up.stdout)

  const page = await fetch(address, { redirect: 'manual' })
  const other = join(packed.home, 'other')
  await makeDemoRepository(other)
  const trees = [join(data, 'demo'), other].map((dir) => treeIn(dir))
  up.kill('SIGKILL')
  await once(up, 'exit')

  expect(page.status).toBe(302)
  expect(trees[0]).toBe(trees[1])
  await expect.poll(() => processesOf(data)).toEqual([])
}, 120_000)

const treeIn = (dir: string): string =>
  execFileSync('git', ['-C', dir, 'rev-parse', 'main^{tree}'], { encoding: 'utf8' })

async function addressSaid(from: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = []
  for await (const line of createInterface({ input: from })) {
    lines.push(line)
    const [address] = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(line) ?? []
    if (address) return address
  }
  throw new Error(`It ended without saying where its page is:\n${lines.join('\n')}`)
}

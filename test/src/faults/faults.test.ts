/** The list of faults fits the code as it is, and planting one tells caught from survived. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Fault, faultsIn, planted } from './fault.ts'
import { redAlready, tryFault } from './plant.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

test.for(faultsIn(root).map((fault) => [fault.name, fault] as const))('%s: can be planted', ([, fault]) => {
  const source = readFileSync(join(root, fault.file), 'utf8')

  expect(planted(source, fault)).not.toBe(source)
  expect(existsSync(join(root, fault.test[0]))).toBe(true)
})

test('no two faults have one name', () => {
  const names = faultsIn(root).map(({ name }) => name)

  expect(new Set(names).size).toBe(names.length)
})

test('a fault that fits twice, or nowhere, is not planted', () => {
  expect(() => planted('a b a', { ...fault, old: 'a' })).toThrow('2 times')
  expect(() => planted('a b', { ...fault, old: 'c' })).toThrow('0 times')
})

test('what a test notices is caught by its name, what none notices survives, what does not load proves nothing', async () => {
  await using checkout = await smallCheckout()

  const outcomes = [
    await tryFault(checkout.root, { ...fault, new: 'a - b' }),
    await tryFault(checkout.root, { ...fault, new: 'b + a' }),
    await tryFault(checkout.root, { ...fault, new: '(' }),
  ]

  expect(outcomes.map(({ result, by }) => [result, by])).toEqual([
    ['caught', 'adds'],
    ['survived', ''],
    ['broken', 'no test ran'],
  ])
  expect(await readFile(join(checkout.root, 'sum.ts'), 'utf8')).toContain('a + b')
})

test('a test that is red already is named', async () => {
  await using checkout = await smallCheckout('export const sum = () => 0')

  expect(await redAlready(checkout.root, fault.test)).toEqual(['adds'])
  expect(await redAlready(checkout.root, ['none.test.ts'])).toEqual(['none.test.ts runs no test'])
})

// ── the world of these tests ─────────────────────────────────────────────────

const fault: Fault = { name: 'a sum is wrong', file: 'sum.ts', old: 'a + b', new: '', test: ['sum.test.ts'] }

async function smallCheckout(source = 'export const sum = (a: number, b: number) => a + b') {
  const dir = await mkdtemp(join(tmpdir(), 'slc-fault-'))
  const files = {
    'package.json': '{ "type": "module" }',
    'sum.ts': source,
    'sum.test.ts': `import { expect, test } from 'vitest'
      import { sum } from './sum.ts'
      test('adds', () => expect(sum(1, 2)).toBe(3))`,
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), content)
  }
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'))
  return { root: dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) }
}

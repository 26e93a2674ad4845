/** That a recording plays back as it was, also after its writer was killed. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openCast, readCast } from './cast.ts'

function castFile(): string {
  const dir = mkdtempSync(join(tmpdir(), 'slc-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return join(dir, 'run.cast')
}

test('what was recorded is read back, with its size, its markers and its end', () => {
  const file = castFile()
  using cast = openCast(file, { cols: 120, rows: 36, title: 'a run' })

  cast.marker('npm test')
  cast.output('\u001b[32mgrün\u001b[0m\r\n')
  cast.input('y')
  cast.resize(80, 24)
  cast.exit(0)

  const { cols, rows, events } = readCast(file)
  expect([cols, rows]).toEqual([120, 36])
  expect(events.map(({ code, data }) => [code, data])).toEqual([
    ['m', 'npm test'],
    ['o', '\u001b[32mgrün\u001b[0m\r\n'],
    ['i', 'y'],
    ['r', '80x24'],
    ['x', '0'],
  ])
})

test('the header is one an asciicast v3 player takes', () => {
  const file = castFile()

  openCast(file, { cols: 120, rows: 36 })[Symbol.dispose]()

  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 3, term: { cols: 120, rows: 36 } })
})

test('a line torn by a kill is left out, what was before it is read', () => {
  const file = castFile()
  using cast = openCast(file, { cols: 80, rows: 24 })
  cast.output('whole')

  appendFileSync(file, '[0.5,"o","to')

  expect(readCast(file).events.map(({ data }) => data)).toEqual(['whole'])
})

test('a thousand steps of a third of a millisecond end at a third of a second', () => {
  const file = castFile()
  let clock = 0
  using cast = openCast(file, { cols: 80, rows: 24, now: () => clock })

  for (let step = 1; step <= 1000; step += 1) {
    clock = step / 3
    cast.output('.')
  }

  expect(readCast(file).events.at(-1)?.at).toBeCloseTo(1 / 3, 3)
})

test('a recording over its limit says where it stops, and still has the markers after it', () => {
  const file = castFile()
  using cast = openCast(file, { cols: 80, rows: 24, maxBytes: 10 })

  for (const text of ['12345678', 'too long', 'left out']) cast.output(text)
  cast.marker('next command')

  const said = readCast(file).events.map(({ data }) => data)
  expect(said).toEqual(['12345678', 'too long', expect.stringContaining('Recording stops here'), 'next command'])
})

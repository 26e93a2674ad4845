/** What somebody notices who types a verb: help, suggestions, exit codes, how quickly it answers. */
import { expect, test } from 'vitest'
import { closest } from './suggest.ts'
import { sluice } from './testing/run.ts'

test('--version says the version', async () => {
  expect(await sluice(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n', stderr: '' })
})

test.for([[['story', 'list', '--help']], [['help', 'story', 'list']], [['story', 'list', '-h']]])(
  '%o says how a verb is used',
  async ([args]) => {
    const { code, stdout } = await sluice(args ?? [])

    expect(code).toBe(0)
    expect(stdout).toContain('Usage: sluice story list [--json]')
  },
)

test('help of a group lists its verbs', async () => {
  const { code, stdout } = await sluice(['story'])

  expect(code).toBe(0)
  expect(stdout).toMatch(/approve +Shows what stands at the open gate/)
})

test.for([
  [['sory'], 'There is no `sluice sory`. Did you mean `sluice story`?'],
  [['story', 'aprove'], 'There is no `sluice story aprove`. Did you mean `sluice story approve`?'],
  [['story', 'toString'], 'There is no `sluice story toString`. There are new, list,'],
  [['story', 'show'], 'ID is missing. Usage: sluice story show ID'],
  [['story', 'show', 'a', 'b'], 'Nothing is known of `b` here.'],
  [['story', 'list', '--jsn'], "Unknown option '--jsn'. Usage:"],
  [['story', 'budget', 'a', 'much'], 'much is no amount of US dollars above zero.'],
  [['story', 'budget', 'a', '-5'], 'Unknown option'],
  [['demo', '--auto', '--implementers', '0'], '--implementers takes a whole number above zero, not 0.'],
] as const)('%o is refused with a sentence and exit code 2', async ([args, sentence]) => {
  const { code, stdout, stderr } = await sluice([...args])

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(`sluice: ${sentence}`)
})

test('a word that is near to nothing gets no suggestion', () => {
  expect(closest('publish', ['story', 'trace', 'up'])).toBeUndefined()
})

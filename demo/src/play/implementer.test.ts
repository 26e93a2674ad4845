/** The played implementer: types what is owed and only that, and says plainly what it could not do. */
import { expect, test } from 'vitest'
import { applyEdits, type Edit } from '../edits.ts'
import { demoModel } from '../model.ts'
import { type DemoStory, readStories } from '../stories.ts'
import { openPlayed, type Played, saidIn } from '../testing/played.ts'
import { asFinding, editsOf, scriptedTree, treeOf } from '../testing/scripted.ts'

const [search] = readStories() as [DemoStory, ...DemoStory[]]
const open = (story = search, checks: { name: string; command: string }[] = []) =>
  openPlayed(demoModel([story], { pace: 'fast' }), { text: story.text, checks })
const asked = { path: 'src/search.ts', startLine: 50, claim: 'It is not escaped.', evidence: 'raw(…)', blocking: true }
const FOUND = asFinding({ ...asked, cwe: 'CWE-79' })

test('with the fix withheld the second round says so and changes nothing', async () => {
  const { fix: _, ...unmended } = search
  await using played = await open(unmended)
  const approved = await played.approved(search)
  await played.build(approved)
  const before = treeOf(played)

  const { data } = await played.build(approved, { round: 2, findings: [FOUND] })

  expect(data.summary).toContain('Not mended, the script has no edits for it: security, src/search.ts')
  expect(treeOf(played)).toBe(before)
})

test('a finding that the fix is not about is not taken for it', async () => {
  await using played = await open()
  const approved = await played.approved(search)
  await played.build(approved)

  const { data } = await played.build(approved, {
    round: 2,
    findings: [asFinding({ ...asked, claim: 'A test fails.' })],
  })

  expect(data.summary).toContain('Not mended, the script has no edits for it: security, src/search.ts: A test fails.')
})

test('a fix that does not fit any more is not called mended', async () => {
  const odd = { ...search, fix: [{ path: 'src/search.ts', old: 'this stands nowhere', new: 'neither does this' }] }
  await using played = await open(odd)
  const approved = await played.approved(odd)
  await played.build(approved)

  const { data } = await played.build(approved, { round: 2, findings: [FOUND] })

  expect(data.summary).toContain('Not mended, or not wholly')
  expect(data.summary).toContain('These edits could not be typed:\n- src/search.ts: ')
})

test('an edit that does not fit is said, and the others are typed', async () => {
  const stray: Edit = { path: 'src/app.ts', old: 'this stands nowhere', new: 'neither does this' }
  const odd = { ...search, solution: [{ name: '0-odd', edits: [stray] }, ...search.solution] }
  await using played = await open(odd)

  const { data } = await played.build(await played.approved(odd))

  expect(data.summary).toContain('These edits could not be typed:\n- src/app.ts: old does not stand in src/app.ts')
  expect(treeOf(played)).toBe(await scriptedTree(played, editsOf(search)))
})

test('a check that fails is said with its exit code, and the next one runs all the same', async () => {
  const checks = [
    { name: 'sums', command: 'exit 7' },
    { name: 'more', command: 'true' },
  ]
  await using played = await open(search, checks)

  const { data } = await played.build(await played.approved(search))

  expect(data.summary).toContain('sums failed with exit code 7')
  expect(data.summary).toContain('more passed')
})

test('what an earlier attempt had typed is seen in the files and not typed again', async () => {
  await using played = await open()
  const approved = await played.approved(search)
  const { journal } = await played.build(approved)
  const tree = treeOf(played)

  const again = await played.build(approved)

  expect(saidIn(journal)).toMatch(/^edit /m)
  expect(saidIn(again.journal)).not.toMatch(/^edit /m)
  expect(treeOf(played)).toBe(tree)
})

test('on a new base with conflict marks the script resolves nothing, and says so', async () => {
  await using played = await open()
  const approved = await played.approved(search)
  await played.build(approved)
  const line = "import { InvalidNote, parseChanges, parseNewNote, parseState } from './notes.ts'\n"
  await onMain(played, { path: 'src/app.ts', old: line, new: `${line}// Somebody else was here.\n` })

  const onto = { commit: played.git('rev-parse', 'main'), conflicts: ['src/app.ts'] }
  const { data, journal } = await played.build(approved, { round: 2, onto })

  expect(saidIn(journal)).toContain('read src/app.ts')
  expect(data.summary).toContain('Conflict marks in src/app.ts: the script has nothing to resolve them with')
  expect(played.git('show', 'sluice/s1:src/app.ts')).toContain('<<<<<<<')
})

async function onMain({ root, git }: Played, edit: Edit): Promise<void> {
  applyEdits(root, [edit])
  git('commit', '--quiet', '--all', '--message', 'Somebody else')
}

/** The played reviewers: one that knows its list and no more, two that say they judge nothing. */
import { sealed } from '@sluice/kit/sealed.ts'
import { expect, test } from 'vitest'
import { applyEdits, type Edit } from '../edits.ts'
import { demoModel } from '../model.ts'
import { type DemoStory, readStories } from '../stories.ts'
import { openPlayed, type Played } from '../testing/played.ts'
import { asEarlier, asFinding, diffOf, editsOf } from '../testing/scripted.ts'
import { CLASSES } from '../vulnerability-classes.ts'

const [search] = readStories() as [DemoStory, ...DemoStory[]]
const FIX = search.fix ?? []
const open = () => openPlayed(demoModel([search], { pace: 'fast' }), { text: search.text })

/** A branch with these edits, committed by hand. */
function commit({ root, git }: Played, edits: readonly Edit[]): void {
  git('checkout', '--quiet', '-b', 'sluice/s1')
  applyEdits(root, edits)
  git('add', '--all')
  git('commit', '--quiet', '--message', 'Typed')
}

test('without the planted fault there is no finding, and what that means is said', async () => {
  await using played = await open()
  commit(played, [...editsOf(search), ...FIX])

  const { output } = await played.review('security', diffOf(played))

  expect(output).toMatchObject({ verdict: 'approve', findings: [] })
  expect(output.summary).toContain(`knows only a list of classes (${CLASSES.map(({ cwe }) => cwe).join(', ')})`)
  expect(output.summary).toContain('that does not mean the change is safe')
})

test('a fault of another class that is listed is found in the place of the planted one', async () => {
  const secret = {
    path: 'src/page.ts',
    old: 'export const QUERY_MAX',
    new: "const token = 'f8a1c02b77de'\nexport const QUERY_MAX",
  }
  await using played = await open()
  commit(played, [...editsOf(search), ...FIX, secret])

  const { output } = await played.review('security', diffOf(played))

  expect(output).toMatchObject({
    verdict: 'reject',
    findings: [{ cwe: 'CWE-798', path: 'src/page.ts', blocking: true }],
  })
})

test('a finding that still stands is called unresolved, and not reported a second time', async () => {
  await using played = await open()
  commit(played, editsOf(search))
  const found = (await played.review('security', diffOf(played))).output.findings.map(asFinding)

  const { output } = await played.review('security', [...diffOf(played), ...found.map(asEarlier)])

  expect(output).toMatchObject({ verdict: 'reject', findings: [] })
  expect(output.earlier).toMatchObject([{ findingId: 'f-0', resolved: false }])
})

test('a finding of no listed class is left to a person', async () => {
  await using played = await open()
  commit(played, [...editsOf(search), ...FIX])
  const other = asFinding({ path: 'src/app.ts', claim: 'Anybody may remove a note.', evidence: 'app.delete(…)' })

  const { output } = await played.review('security', [...diffOf(played), asEarlier(other)])

  expect(output.earlier).toMatchObject([{ findingId: 'f-0', resolved: false }])
})

test('a file the request leaves out is named as not looked at', async () => {
  await using played = await open()
  commit(played, editsOf(search))
  const parts = diffOf(played).filter((part) => !part.startsWith('<file path="src/search.ts"'))

  const { output } = await played.review('security', parts)

  expect(output.summary).toContain('Not looked at, because the request does not hold them: src/search.ts.')
})

test.each(['security', 'refactor', 'generic'])('a %s reviewer without a diff approves nothing', async (seat) => {
  await using played = await open()

  await expect(played.review(seat, [])).rejects.toThrow('the request holds no diff')
})

test.each(['refactor', 'generic'])('the %s reviewer approves and says that nothing was judged', async (seat) => {
  await using played = await open()
  const parts = ['<criteria>\nC1 It shall.\n</criteria>', sealed('diff', { base: 'a', head: 'b' }, '')]

  const { output } = await played.review(seat, parts)

  expect(output).toMatchObject({ verdict: 'approve', findings: [] })
  expect(output.summary).toContain('a script cannot judge')
})

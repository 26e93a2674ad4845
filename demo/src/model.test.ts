/** The scripted model at its work: every story of the demo goes through the real roles, and leaves exactly what is typed for it. */
import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sealed } from '@sluice/kit/sealed.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { applyEdits, type Edit } from './edits.ts'
import { demoModel } from './model.ts'
import { type DemoStory, readStories } from './stories.ts'
import { openPlayed, type Played, saidIn } from './testing/played.ts'

const STORIES = readStories()
const [search] = STORIES as [DemoStory, ...DemoStory[]]
const open = (
  story: DemoStory,
  options: Partial<Parameters<typeof openPlayed>[1]> = {},
  stories: readonly DemoStory[] = [story],
) => openPlayed(demoModel(stories, { pace: 'fast' }), { text: story.text, ...options })

test.each(STORIES)('$id is planned, drawn and built as it is scripted', async (story) => {
  await using played = await open(story, { checks: [{ name: 'marks', command: '! grep -rn "<<<<" src' }] }, STORIES)

  const approved = await played.plan()
  const built = await played.build(approved)

  expect(approved.requirements).toEqual(story.requirements)
  expect(approved.design.pictures.map(({ viewport, state }) => `${viewport} ${state}`)).toEqual([
    'desktop full',
    'desktop-dark full',
    'phone full',
    'desktop empty',
    'phone empty',
  ])
  expect(new Set(approved.design.pictures.map(({ artifact }) => artifact.sha256)).size).toBe(5)
  expect(approved.tasks).toEqual(story.tasks)
  expect(treeOf(played)).toBe(await scriptedTree(played, editsOf(story)))
  expect(built.data.summary).toContain('marks passed')
  expect(built.data.recording).toBeDefined()
})

test('the planted fault is found, mended in the second round, and then found no more', async () => {
  await using played = await open(search)
  const approved = await played.plan()
  await played.build(approved)
  const first = (await played.review('security', diffOf(played))).output
  const found = first.findings.map(asFinding)

  const second = await played.build(approved, { round: 2, findings: found })
  const after = (await played.review('security', [...diffOf(played), ...found.map(asEarlier)])).output

  expect(first).toMatchObject({
    verdict: 'reject',
    findings: [{ cwe: 'CWE-79', path: 'src/search.ts', blocking: true }],
  })
  expect(treeOf(played)).toBe(await scriptedTree(played, [...editsOf(search), ...(search.fix ?? [])]))
  expect(second.data.summary).toContain('Mended as the script has it: security, src/search.ts')
  expect(after).toMatchObject({ verdict: 'approve', findings: [], earlier: [{ findingId: 'f-0', resolved: true }] })
  expect(after.summary).toContain('knows only a list of classes (CWE-79, ')
  expect(after.summary).toContain('that does not mean the change is safe')
})

test('without the planted fault there is no finding', async () => {
  const mended = changed(search, (text) => mend(text, search.fix ?? []))
  await using played = await open(mended)
  await played.build(await played.plan())

  const { output } = await played.review('security', diffOf(played))

  expect(output).toMatchObject({ verdict: 'approve', findings: [] })
})

test('a fault of another class that is listed is found in the place of the planted one', async () => {
  const other = changed(search, (text) =>
    mend(text, search.fix ?? []).replace(
      '/** The words to look for',
      "export const searchToken = 'f8a1c02b77de'\n\n/** The words to look for",
    ),
  )
  await using played = await open(other)
  await played.build(await played.plan())

  const { output } = await played.review('security', diffOf(played))

  expect(output).toMatchObject({ verdict: 'reject', findings: [{ cwe: 'CWE-798', path: 'src/search.ts' }] })
})

test('with the fix withheld the second round says so, changes nothing, and the finding stands', async () => {
  const { fix: _, ...unmended } = search
  await using played = await open(unmended)
  const approved = await played.plan()
  await played.build(approved)
  const found = (await played.review('security', diffOf(played))).output.findings.map(asFinding)
  const before = treeOf(played)

  const { data } = await played.build(approved, { round: 2, findings: found })
  const again = (await played.review('security', [...diffOf(played), ...found.map(asEarlier)])).output

  expect(data.summary).toContain('Not mended, the script has no edits for it: security, src/search.ts')
  expect(treeOf(played)).toBe(before)
  expect(again).toMatchObject({ verdict: 'reject', findings: [{ cwe: 'CWE-79' }], earlier: [{ resolved: false }] })
})

test('an edit that does not fit is said, and the others are typed', async () => {
  const stray: Edit = { path: 'src/app.ts', old: 'this stands nowhere', new: 'neither does this' }
  const odd = { ...search, solution: [{ name: '0-odd', edits: [stray] }, ...search.solution] }
  await using played = await open(odd)

  const { data } = await played.build(await played.plan())

  expect(data.summary).toContain('These edits could not be typed:\n- src/app.ts: old does not stand in src/app.ts')
  expect(treeOf(played)).toBe(await scriptedTree(played, editsOf(search)))
})

test('a check that fails is said with its exit code', async () => {
  await using played = await open(search, {
    checks: [
      { name: 'sums', command: 'exit 7' },
      { name: 'more', command: 'true' },
    ],
  })

  const { data } = await played.build(await played.plan())

  expect(data.summary).toContain('sums failed with exit code 7')
  expect(data.summary).toContain('more passed')
})

test('what an earlier attempt had typed is not typed again', async () => {
  await using played = await open(search)
  const approved = await played.plan()
  const { journal } = await played.build(approved)
  const tree = treeOf(played)
  const calls = saidIn(journal).match(/^edit /gm)?.length

  const again = await played.build(approved)

  expect(calls).toBe(6)
  expect(saidIn(again.journal)).not.toMatch(/^edit /m)
  expect(treeOf(played)).toBe(tree)
})

test('on a new base with conflict marks the script resolves nothing, and says so', async () => {
  await using played = await open(search)
  const approved = await played.plan()
  await played.build(approved)
  await writeOnMain(played, { path: 'src/app.ts', old: "  app.get('/', ", new: "  app.get('/index', " })

  const onto = { commit: played.git('rev-parse', 'main'), conflicts: ['src/app.ts'] }
  const { data, journal } = await played.build(approved, { round: 2, onto })

  expect(saidIn(journal)).toContain('read src/app.ts')
  expect(data.summary).toContain('Conflict marks in src/app.ts: the script has nothing to resolve them with')
  expect(played.git('show', 'sluice/s1:src/app.ts')).toContain('<<<<<<<')
})

test('what memory holds is mentioned where the work begins', async () => {
  const lesson = {
    storyId: 's0',
    title: 'Search the "board"',
    summary: 's',
    files: ['a.ts'],
    commit: 'a'.repeat(40),
    score: 1,
  }
  await using played = await open(search, { lessons: [lesson] })
  const approved = await played.plan()

  const { journal } = await played.build(approved)

  expect(saidIn(journal)).toContain('From memory I have what was shipped before: “Search the "board"”.')
})

test('a comment of who sent it back is answered where they look, by what a script can do', async () => {
  await using played = await open(search)
  const feedback = [{ comment: 'In blue, please.', at: '2026-01-01T00:00:00Z', cause: 'gate-0001' }]

  const approved = await played.plan(feedback)
  const { data } = await played.build(approved, { feedback })

  expect(approved.requirements.assumptions.at(-1)).toContain('“In blue, please.”')
  expect(String(await played.artifacts.get(approved.architectureDocument))).toContain('“In blue, please.”')
  expect(data.summary).toContain('“In blue, please.”: the script has no edits for that.')
})

test('a story it does not know is refused with a sentence', async () => {
  await using played = await openPlayed(demoModel(STORIES, { pace: 'fast' }), { text: 'Make it blue.' })

  await expect(played.plan()).rejects.toThrow(
    'The scripted model plays only these stories: Search the board · Say in the header how full the board is · Highlight words and show code in notes.',
  )
})

test.each(['refactor', 'generic'])('the %s reviewer approves and says that nothing was judged', async (seat) => {
  await using played = await open(search)
  const parts = ['<criteria>\nC1 It shall.\n</criteria>', sealed('diff', { base: 'a', head: 'b' }, '')]

  const { output } = await played.review(seat, parts)

  expect(output).toMatchObject({ verdict: 'approve', findings: [] })
  expect(output.summary).toContain('a script cannot judge')
})

test('a reviewer without a diff says so and approves nothing', async () => {
  await using played = await open(search)

  await expect(played.review('security', [])).rejects.toThrow('the request holds no diff')
})

// ── the world of these tests ─────────────────────────────────────────────────

const editsOf = ({ solution }: DemoStory): Edit[] => solution.flatMap(({ edits }) => edits)

/** The story with the text of `src/search.ts` typed otherwise. */
const changed = (story: DemoStory, by: (text: string) => string): DemoStory => ({
  ...story,
  solution: story.solution.map(({ name, edits }) => ({
    name,
    edits: edits.map((edit) => (edit.path === 'src/search.ts' ? { ...edit, new: by(edit.new) } : edit)),
  })),
})

const mend = (text: string, fix: readonly Edit[]): string =>
  fix
    .filter(({ path }) => path === 'src/search.ts')
    .reduce((mended, edit) => mended.replace(edit.old ?? '', () => edit.new), text)

const treeOf = ({ git }: Played): string => git('rev-parse', 'sluice/s1^{tree}')

/** The tree these edits make of the demo's first commit, typed by nobody. */
async function scriptedTree({ root }: Played, edits: readonly Edit[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'demo-typed-'))
  try {
    await cp(root, dir, { recursive: true })
    const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8' }).trim()
    git('checkout', '--quiet', 'main')
    applyEdits(dir, edits)
    git('add', '--all')
    return git('write-tree')
  } finally {
    await rm(dir, { recursive: true })
  }
}

async function writeOnMain({ root, git }: Played, edit: Edit): Promise<void> {
  applyEdits(root, [edit])
  git('commit', '--quiet', '--all', '--message', 'Somebody else')
}

/** The diff and the touched files, as a reviewer's prompt holds them. */
function diffOf({ git }: Played): string[] {
  const range = ['main', 'sluice/s1'] as const
  const paths = git('diff', '--name-only', ...range).split('\n')
  const isNew = (path: string) => git('ls-tree', 'main', path) === ''
  return [
    sealed('diff', { base: git('rev-parse', 'main'), head: git('rev-parse', 'sluice/s1') }, git('diff', ...range)),
    ...paths.flatMap((path) => [
      ...(isNew(path) ? [] : [sealed('file', { path, side: 'base' }, git('show', `main:${path}`))]),
      sealed('file', { path, side: 'head' }, git('show', `sluice/s1:${path}`)),
    ]),
  ]
}

const asFinding = (finding: object, i: number): Finding => ({
  ...(finding as Finding),
  ...{ id: `f-${i}`, seat: 'security', severity: 'high' },
})

const asEarlier = ({ id, path = '', startLine, severity, claim, evidence }: Finding): string =>
  sealed('earlier-finding', { id, path, line: String(startLine), severity }, `${claim}\n${evidence}`)

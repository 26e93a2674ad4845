/** The scripted model at its work: every story of the demo goes through the real roles, and leaves exactly what is typed for it. */
import type { MessagesRequest } from '@sluice/kit/testing/messages-wire.ts'
import { expect, test } from 'vitest'
import { demoModel } from './model.ts'
import { type DemoStory, readStories } from './stories.ts'
import { openPlayed, saidIn } from './testing/played.ts'
import { asEarlier, asFinding, diffOf, editsOf, scriptedTree, treeOf } from './testing/scripted.ts'

const STORIES = readStories()
const [search] = STORIES as [DemoStory, ...DemoStory[]]
/** Each looks different: a state that changed nothing would be drawn twice. */
const PICTURES = ['desktop full', 'desktop-dark full', 'phone full', 'desktop empty', 'phone empty']
const model = demoModel(STORIES, { pace: 'fast' })

test.each(STORIES)(
  '$id is planned, drawn and built as it is scripted',
  async (story) => {
    await using played = await openPlayed(model, {
      text: story.text,
      checks: [{ name: 'marks', command: '! grep -rn "<<<<" src' }],
    })

    const approved = await played.plan()
    const { data } = await played.build(approved)

    expect(approved.requirements).toEqual(story.requirements)
    expect(approved.design.regions).toEqual(story.design.regions)
    expect(approved.design.pictures.map(({ viewport, state }) => `${viewport} ${state}`)).toEqual(PICTURES)
    expect(new Set(approved.design.pictures.map(({ artifact }) => artifact.sha256)).size).toBe(PICTURES.length)
    expect(approved.tasks).toEqual(story.tasks)
    expect(treeOf(played)).toBe(await scriptedTree(played, editsOf(story)))
    expect(data.summary).toContain('marks passed')
    expect(data.recording).toBeDefined()
  },
  120_000,
)

test('the planted fault is found, mended in the second round, and then found no more', async () => {
  await using played = await openPlayed(model, { text: search.text })
  const approved = await played.approved(search)
  await played.build(approved)
  const first = (await played.review('security', diffOf(played))).output
  const found = first.findings.map(asFinding)

  const { data } = await played.build(approved, { round: 2, findings: found })
  const after = (await played.review('security', [...diffOf(played), ...found.map(asEarlier)])).output

  expect(first).toMatchObject({
    verdict: 'reject',
    findings: [{ cwe: 'CWE-79', path: 'src/search.ts', blocking: true }],
  })
  expect(treeOf(played)).toBe(await scriptedTree(played, [...editsOf(search), ...(search.fix ?? [])]))
  expect(data.summary).toContain('Mended as the script has it: security, src/search.ts')
  expect(after).toMatchObject({ verdict: 'approve', findings: [], earlier: [{ findingId: 'f-0', resolved: true }] })
})

test('what memory holds is mentioned where the work begins', async () => {
  const about = {
    origin: 'story' as const,
    storyId: 's0',
    summary: 's',
    files: ['a.ts'],
    commit: 'a'.repeat(40),
    score: 1,
  }
  const lessons = [{ title: 'Search the "board"', ...about }]
  await using played = await openPlayed(model, { text: search.text, lessons })

  const scoped = await played.scope()
  const built = await played.build(await played.approved(search))

  for (const { journal } of [scoped, built])
    expect(saidIn(journal)).toContain('From memory I have what was shipped before: “Search the "board"”.')
})

test('a comment of who sent it back is answered where they look, by what a script can do', async () => {
  await using played = await openPlayed(model, { text: search.text })
  const feedback = [{ comment: 'In blue, please.', at: '2026-01-01T00:00:00Z', cause: 'gate-0001' }]

  const scoped = await played.scope(feedback)
  const { data } = await played.build(await played.approved(search), { feedback })

  expect(scoped.data.requirements.assumptions.at(-1)).toContain('“In blue, please.”')
  expect(data.summary).toContain('“In blue, please.”: the script has no edits for that.')
})

test('a story it does not know is refused with a sentence', async () => {
  await using played = await openPlayed(model, { text: 'Make it blue.' })

  await expect(played.scope()).rejects.toThrow(
    'The scripted model plays only these stories: Search the board · Say in the header how full the board is · Highlight words and show code in notes.',
  )
})

test('a result that a role does not accept ends the run with its reason, not with the same again', async () => {
  const vague = { ...search.requirements, criteria: [{ id: 'C1', text: 'It is nice.' }] }
  const odd = { ...search, requirements: vague }
  await using played = await openPlayed(demoModel([odd], { pace: 'fast' }), { text: odd.text })

  await expect(played.scope()).rejects.toThrow('was not accepted: Not accepted: C1 is not in EARS form')
})

test('for a person to watch it speaks slowly; fast it does not wait', async () => {
  const request: MessagesRequest = {
    ...{ model: 'claude-opus-5-5', max_tokens: 1_000, system: 'You are the analyst of a software team.' },
    messages: [{ role: 'user', content: `<request>\n${search.text}\n</request>` }],
    tools: [{ name: 'submit', input_schema: { type: 'object' } }],
  }
  const context = { conversation: [], headers: {}, signal: new AbortController().signal }

  expect(await demoModel(STORIES)(request, context)).toMatchObject({ delayMs: 350, betweenMs: 10 })
  expect(await model(request, context)).not.toHaveProperty('delayMs')
})

test('asked the same it answers the same, however often it was asked before', async () => {
  await using played = await openPlayed(model, { text: search.text })
  const first = saidIn((await played.scope()).journal)

  expect(saidIn((await played.scope()).journal)).toBe(first)
})

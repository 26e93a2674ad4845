/** The line as the person decides it: what each of their words does to a story, from its sentence to the merged commit. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { images, text, tool, userText } from '@sluice/kit/testing/messages-script.ts'
import type { Event, EventName } from '@sluice/proto/events.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const QUESTION = 'How high is a tall hat?'
const CARELESS = 'export const run = (code) => eval(code)\n'

const asks = (role: string, { prompt, story }: { prompt: string; story: { requirements: object } }) =>
  role === 'analyst' && !prompt.includes('<answer question=')
    ? {
        content: [
          text('I have to ask.'),
          tool('submit', { requirements: story.requirements, questions: [{ id: 'Q1', text: QUESTION }] }),
        ],
      }
    : undefined

const stories = {
  whole: storyAbout('greetings by name', ownFiles('greetings')),
  sentBack: storyAbout('scarves', ownFiles('scarves')),
  asking: storyAbout('tall hats', ownFiles('hats'), { instead: asks }),
  meanwhile: storyAbout('gloves', ownFiles('gloves')),
  mended: storyAbout('formulas', [{ path: 'formulas.mjs', new: CARELESS }, ...ownFiles('formulas')], {
    fix: [{ path: 'formulas.mjs', old: 'eval(code)', new: 'Number(code)' }],
  }),
  unmended: storyAbout('macros', [{ path: 'macros.mjs', new: CARELESS }, ...ownFiles('macros')]),
}

let line: Line
let whole: string
beforeAll(async () => {
  line = await openLine({ stories: Object.values(stories), implementers: 2 })
  whole = await line.submit(stories.whole)
}, 60_000)
afterAll(() => line[Symbol.asyncDispose](), 30_000)

const of = <T extends EventName>(events: readonly Event[], type: T) =>
  events.filter((event): event is Extract<Event, { type: T }> => event.type === type)

describe.concurrent('a person decides', { timeout: 120_000 }, () => {
  test('from a sentence to a merged commit: all that is recorded, and all that it leaves', async () => {
    const story = await line.ship(whole)

    const events = line.events(whole)
    expect(kindsOf(events)).toEqual([
      ...['story.submitted web', 'scope.requested orchestrator', 'scope.completed analyst'],
      ...['gate.opened orchestrator', 'gate.approved web', 'policy.frozen orchestrator'],
      ...['design.requested orchestrator', 'design.completed designer', 'gate.opened orchestrator'],
      ...['gate.approved web', 'architecture.requested orchestrator', 'architecture.completed architect'],
      ...['gate.opened orchestrator', 'gate.approved web', 'build.requested orchestrator'],
      ...['build.completed implementer', 'review.requested orchestrator'],
      ...['checks', 'generic', 'refactor', 'security'].map((seat) => `review.completed ${seat}`),
      ...['gate.opened orchestrator', 'gate.approved web', 'release.requested orchestrator'],
      ...['release.completed releaser', 'signoff.carried orchestrator', 'review.requested orchestrator'],
      ...['review.completed checks', 'release.requested orchestrator', 'merge.started releaser'],
      ...['merge.completed releaser', 'release.completed releaser', 'story.shipped orchestrator'],
    ])
    const commit = story.shipped?.commit ?? ''
    expect(() => line.git('merge-base', '--is-ancestor', commit, 'main')).not.toThrow()
    expect(line.git('log', '-1', '--format=%(trailers:only,unfold)', commit).split('\n')).toEqual([
      ...[`Story: ${whole}`, 'Approved-by: person'],
      expect.stringMatching(/^Reviewed-by: checks \(.*\), security \(.*\), refactor \(.*\), generic \(.*\)$/),
    ])
    const documents = ['architecture', 'requirements', 'tasks'].map((name) => `.sluice/stories/${whole}/${name}.md`)
    expect(line.git('diff', '--name-only', `${commit}~1`, commit).split('\n')).toEqual([
      ...[`.changes/${whole}.md`, ...documents, 'greetings.sh', 'greetings.test.sh'],
    ])
    expect(existsSync(join(line.repository, 'greetings.sh'))).toBe(true)
  })

  test('the pictures that were approved are the pictures the implementer is sent', async () => {
    const built = await line.when(whole, (_, events) => of(events, 'build.completed')[0])

    const [designed] = of(line.events(whole), 'design.completed')
    const pictures = designed?.data.bundle.pictures.map(({ artifact }) => artifact.sha256)
    expect(line.requests(stories.whole, 'implementer').map(({ body }) => images(body).map(digestOf))[0]).toEqual(
      pictures,
    )
    expect(pictures?.length).toBeGreaterThan(0)
    expect(built.data.designDigest).toBe(designed?.data.bundle.digest)
  })

  test('sent back, the comment reaches the designer, and what was on the screen before cannot be approved', async () => {
    const id = await line.submit(stories.sentBack)
    const first = await line.toGate(id, 'design')
    await line.say(id, 'reject', { gate: 'design', digest: first.digest, comment: 'Longer fringes, please.' })
    const second = await line.when(id, ({ gate }) => gate && gate.event !== first.event && gate)

    const late = await line.say(id, 'approve', { gate: 'design', digest: first.digest })

    const last = line.requests(stories.sentBack, 'designer').at(-1)
    expect(last && userText(last.body)).toMatch(/<sent-back at="[^"]+">\nLonger fringes, please\.\n<\/sent-back>/)
    expect(second.digest).not.toBe(first.digest)
    expect(late).toMatchObject({ status: 409, body: { current: { gate: 'design', digest: second.digest } } })
    await expect(line.approve(id, second)).resolves.toBeUndefined()
  })

  test('a question holds nobody: another story goes past, and the answer is in the next prompt', async () => {
    const id = await line.submit(stories.asking)
    const { request, waiting } = await line.paused(id)
    const other = await line.submit(stories.meanwhile)
    await line.gate(other, 'scope')
    expect(waiting).toEqual({ kind: 'questions', questions: [{ id: 'Q1', text: QUESTION }] })
    expect(line.house.pids().filter(({ name }) => name === 'analyst')).toHaveLength(1)

    await line.say(id, 'answer', { request, answers: [{ id: 'Q1', text: QUESTION, answer: 'Two feet.' }] })

    await line.gate(id, 'scope')
    const last = line.requests(stories.asking, 'analyst').at(-1)
    expect(last && userText(last.body)).toContain(`<answer question="${QUESTION}">\nTwo feet.\n</answer>`)
  })

  test('what the security reviewer finds is mended in the next round, and signed', async () => {
    const id = await line.submit(stories.mended)
    const gate = await line.toGate(id, 'review')

    const verdicts = of(line.events(id), 'review.completed').filter(({ source }) => source === 'security')
    const [finding] = verdicts[0]?.data.findings ?? []
    expect(verdicts.map(({ data }) => data.verdict)).toEqual(['reject', 'approve'])
    expect(finding).toMatchObject({ blocking: true, path: 'formulas.mjs', cwe: 'CWE-95' })
    expect(verdicts[1]?.data.earlier).toMatchObject([{ findingId: finding?.id, resolved: true }])
    expect(of(line.events(id), 'build.requested').map(({ data }) => data.round)).toEqual([1, 2])
    expect(gate.unresolved).toEqual([])
    expect(line.git('show', `sluice/${id}:formulas.mjs`)).toContain('Number(code)')
  })

  test('with the fix withheld the person is asked after three rounds, and has to say why it may land', async () => {
    const id = await line.submit(stories.unmended)
    const gate = await line.toGate(id, 'review')

    const refused = await line.say(id, 'approve', { gate: 'review', digest: gate.digest })
    await line.approve(id, gate, { dismiss: 'Only we write macros.' })

    const { dismissed } = await line.shipped(id)
    expect(of(line.events(id), 'build.requested').map(({ data }) => data.round)).toEqual([1, 2, 3])
    expect(gate.unresolved).toHaveLength(1)
    expect(refused).toMatchObject({ status: 409, body: { error: '1 finding stands in the way.' } })
    expect(dismissed).toEqual({ [gate.unresolved[0] ?? '']: { reason: 'Only we write macros.', by: 'person' } })
  })
})

/** The four seats answer in any order: among themselves they are sorted. */
function kindsOf(events: readonly Event[]): string[] {
  const kinds = events.map(({ type, source }) => `${type} ${source}`)
  const first = kinds.findIndex((kind) => kind.startsWith('review.completed'))
  return [...kinds.slice(0, first), ...kinds.slice(first, first + 4).sort(), ...kinds.slice(first + 4)]
}

const digestOf = ({ source }: ReturnType<typeof images>[number]): string =>
  source.type === 'base64' ? createHash('sha256').update(Buffer.from(source.data, 'base64')).digest('hex') : source.type

/** A story's commit in a real repository, and a seat that judges it: the real jail, the real engine, a scripted model. */
import { openAgent } from '@sluice/kit/agents/anthropic.ts'
import { patchId, treeOf } from '@sluice/kit/diff.ts'
import { openLog } from '@sluice/kit/log.ts'
import type { ModelAccess } from '@sluice/kit/model-access.ts'
import type { Lesson, Means } from '@sluice/kit/role.ts'
import { memoryOf } from '@sluice/kit/testing/fixtures.ts'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { type ScriptedModel, tool } from '@sluice/kit/testing/messages-script.ts'
import { type TestRepository, testRepository } from '@sluice/kit/testing/repository.ts'
import { roleWorld } from '@sluice/kit/testing/role-means.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import type { Review, ReviewRequested } from '@sluice/proto/events.ts'
import type { Finding, Judged, ProjectConfig } from '@sluice/proto/parts.ts'
import type { HandedIn } from '../handed-in.ts'
import type { Reviewer } from '../model-reviewer.ts'

export type Request = EventOf<typeof ReviewRequested>
export type Verdict = Omit<EventOf<typeof Review.completed>['data'], 'request' | 'attempt' | 'occupant' | 'usage'>
export type Files = Record<string, string | Buffer | null>
export type Change = Partial<Omit<Request['data'], 'config'>> & { config?: Partial<ProjectConfig> }
/** What memory knows, and the seat it sits in where that is not its own. */
type Around = { lessons?: Lesson[]; seat?: string }
export type World = Awaited<ReturnType<typeof reviewWorld>>

/** `base` is what the project holds, `head` what the story makes of it; null takes a file away. */
export async function reviewWorld({ base, head }: { base: Files; head: Files }) {
  await using stack = new AsyncDisposableStack()
  const roles = stack.use(await roleWorld())
  const repo = stack.use(await testRepository())
  const baseCommit = await commitFiles(repo, base)
  repo.git(['switch', '--quiet', '-c', 'sluice/s1'])
  const judged = await judgedAt(repo, baseCommit, await commitFiles(repo, head))
  const plan = await roles.means().artifacts.put('# Plan\n', { name: 'architecture.md', mediaType: 'text/markdown' })

  const request = (change: Change): Request => requestFor({ root: repo.root, judged, plan, change })
  const things = stack.move()
  return {
    ...{ repo, judged, request, means: roles.means, dataDir: roles.dataDir },
    /** One more round on the branch. */
    again: async (files: Files): Promise<Judged> => judgedAt(repo, baseCommit, await commitFiles(repo, files)),

    async verdict(program: Reviewer, change: Change = {}, means: Partial<Means> = {}): Promise<Verdict> {
      const answer = await program.answer(request(change), { ...roles.means(), source: program.name, ...means })
      if (answer.kind !== 'completed') throw new Error(JSON.stringify(answer))
      return answer.data
    },

    /** Judged by a model; `requests` is what reached it. */
    async ask(program: Reviewer, model: ScriptedModel, change: Change = {}, { lessons = [], seat }: Around = {}) {
      await using api = await startMessagesApi({ model })
      const means = roles.means({ memory: memoryOf(...lessons) })
      const { run, artifacts } = means
      const log = openLog('test', { write: () => undefined })
      const agent = openAgent({
        run,
        access: accessTo(api.url),
        model: 'claude-opus-5-5',
        log,
        artifacts,
        firstWaitMs: 1,
      })
      const verdict = await this.verdict(program, change, { ...means, source: seat ?? program.name, agent })
      return { verdict, requests: api.requests.map((r) => r.body) }
    },
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

const accessTo = (url: string): ModelAccess => ({
  ...{ url, token: 'token', egressUrl: url },
  reopen: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
})

/** Commits these files; null takes one away. */
export async function commitFiles(repo: TestRepository, files: Files): Promise<string> {
  const gone = Object.keys(files).filter((path) => files[path] === null)
  if (gone.length > 0) repo.git(['rm', '--quiet', '--', ...gone])
  return repo.commit(Object.fromEntries(Object.entries(files).filter((e): e is [string, string] => e[1] !== null)))
}

async function judgedAt(repo: TestRepository, base: string, at: string): Promise<Judged> {
  const repository = await repo.open()
  return { base, commit: at, tree: await treeOf(repository, at), patchId: await patchId(repository, base, at) }
}

type Of = { root: string; judged: Judged; plan: Request['data']['approved']['architectureDocument']; change: Change }

function requestFor({ root, judged, plan, change: { config, ...change } }: Of): Request {
  const requirements = {
    ...{ title: 'Greet', userStories: ['u'], outOfScope: ['Farewells'], assumptions: [], contradictions: [] },
    criteria: [{ id: 'C1', text: 'It shall greet.' }],
  }
  const picture = { artifact: plan, viewport: 'desktop', width: 1280, height: 800, state: 'full' }
  const design = { digest: '4'.repeat(64), html: plan, pictures: [picture], regions: [] }
  return {
    ...{ specversion: '1.0', id: 'request-00000001', source: 'orchestrator', type: 'review.requested' },
    ...{ time: '2026-01-01T00:00:00Z', datacontenttype: 'application/json', projectId: 'p1', storyId: 's1' },
    causationId: null,
    data: {
      repository: { root, base: 'main', commit: judged.base },
      ...{ title: 'Greet', text: 'Greet people.', budgetUsd: 5, deadline: '2030-01-01T00:00:00Z' },
      ...{ answers: [], feedback: [], seats: ['checks', 'security'], round: 1, judged, earlier: [] },
      approved: { requirements, requirementsDocument: plan, design, architectureDocument: plan, tasks: [] },
      ...change,
      config: { ...noConfig, ...config },
    },
  }
}

const noConfig: ProjectConfig = {
  ...{ source: 'sluice.yaml', digest: '5'.repeat(64), setup: null, checks: [], preview: null, release: null },
  ...{ documents: true, egress: [] },
}

/** A model that hands in this. */
export const submits =
  (judgement: Partial<HandedIn>): ScriptedModel =>
  () => ({ content: [handsIn(judgement)] })
export const handsIn = (judgement: Partial<HandedIn>) =>
  tool('submit', { summary: 'Looked.', verdict: 'approve', findings: [], earlier: [], ...judgement })

export const finding = (parts: Partial<Finding>): Finding => ({
  ...{
    id: 'f-old',
    seat: 'security',
    severity: 'high',
    blocking: true,
    claim: 'It is not escaped.',
    evidence: 'raw(x)',
  },
  ...parts,
})

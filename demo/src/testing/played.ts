/** A story played through the real roles and the real engine against the scripted model: no bus, no gateway, all else as it is. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { analyst } from '@sluice/analyst/analyst.ts'
import { architect } from '@sluice/architect/architect.ts'
import { designer } from '@sluice/designer/designer.ts'
import { implementer } from '@sluice/implementer/implementer.ts'
import { type AgentOptions, openAgent } from '@sluice/kit/agents/anthropic.ts'
import { openLog } from '@sluice/kit/log.ts'
import type { ModelAccess } from '@sluice/kit/model-access.ts'
import type { CompletedData, Lesson, Role } from '@sluice/kit/role.ts'
import type { Entry } from '@sluice/kit/run.ts'
import { memoryOf } from '@sluice/kit/testing/fixtures.ts'
import { type MessagesApi, startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import type { ScriptedModel } from '@sluice/kit/testing/messages-script.ts'
import { roleWorld } from '@sluice/kit/testing/role-means.ts'
import type { EventOf, EventType } from '@sluice/proto/event.ts'
import type { BuildRequested } from '@sluice/proto/events.ts'
import type { ProjectConfig } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { makeDemoRepository } from '../repository.ts'
import type { DemoStory } from '../stories.ts'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

type Asked = EventOf<typeof BuildRequested>['data']
export type RoundChange = Partial<Pick<Asked, 'round' | 'findings' | 'feedback' | 'onto'>>
type Entries = readonly Entry[]

export const Reviewed = z.object({
  summary: z.string(),
  verdict: z.enum(['approve', 'reject']),
  findings: z.array(
    z.object({
      path: z.string().optional(),
      startLine: z.int().optional(),
      cwe: z.string().optional(),
      claim: z.string(),
      evidence: z.string(),
      blocking: z.boolean(),
    }),
  ),
  earlier: z.array(z.object({ findingId: z.string(), resolved: z.boolean(), note: z.string() })),
})

export type Played = Awaited<ReturnType<typeof openPlayed>>

/** A repository, the model, and one request after another of the story `text`. */
export async function openPlayed(
  model: ScriptedModel,
  {
    text,
    checks = [],
    lessons = [],
    make = makeDemoRepository,
  }: {
    text: string
    checks?: ProjectConfig['checks']
    lessons?: Lesson[]
    make?: (dir: string) => Promise<void>
  },
) {
  await using stack = new AsyncDisposableStack()
  const root = await mkdtemp(join(tmpdir(), 'demo-played-'))
  stack.defer(() => rm(root, { recursive: true, force: true }))
  await make(root)
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim()
  const api = stack.use(await startMessagesApi({ model }))
  const roles = stack.use(await roleWorld())
  const { artifacts } = roles.means()

  const config: ProjectConfig = {
    ...{ source: 'sluice.yaml', digest: '5'.repeat(64), setup: null, checks, preview: null, release: null },
    ...{ documents: false, egress: [] },
  }
  const common = {
    repository: { root, base: 'main', commit: git('rev-parse', 'main') },
    ...{ title: 'The story', text, budgetUsd: 5, deadline: '2030-01-01T00:00:00.000Z', answers: [] },
  }

  /** What the role leaves, and what its run said on the way. */
  async function ask<Q extends EventType, C extends EventType>(role: Role<Q, C>, data: object, entries: Entries = []) {
    const means = roles.means({ entries, memory: memoryOf(...lessons) })
    const agent = agentOf(api, means)
    const request = { ...envelope, type: role.takes.type, data: { ...common, feedback: [], ...data } }
    const answer = await role.answer(request as unknown as EventOf<Q>, { ...means, agent })
    if (answer.kind !== 'completed') throw new Error(JSON.stringify(answer))
    return { data: answer.data as CompletedData<C>, journal: means.run.entries() }
  }

  const scope = (feedback: Asked['feedback'] = []) => ask(analyst, { feedback })

  async function plan(feedback: Asked['feedback'] = []) {
    const scoped = (await scope(feedback)).data
    const wanted = { requirements: scoped.requirements, requirementsDocument: scoped.document }
    const design = (await ask(designer, { approved: wanted, config, feedback })).data.bundle
    const drawn = { ...wanted, design }
    const planned = (await ask(architect, { approved: drawn, feedback })).data
    return { ...drawn, architectureDocument: planned.document, tasks: planned.tasks }
  }

  /** What the person would have approved, with one small picture: for tests of what comes after. */
  async function approved(story: DemoStory): Promise<Asked['approved']> {
    const put = (content: string | Buffer, name: string, mediaType: string) =>
      artifacts.put(content, { name, mediaType })
    const artifact = await put(Buffer.from(PIXEL, 'base64'), 'desktop-full.png', 'image/png')
    return {
      ...{ requirements: story.requirements, tasks: story.tasks },
      requirementsDocument: await put(story.requirements.title, 'requirements.md', 'text/markdown'),
      architectureDocument: await put(story.architecture, 'architecture.md', 'text/markdown'),
      design: {
        ...{ digest: '4'.repeat(64), regions: story.design.regions },
        html: await put(story.mockup, 'mockup.html', 'text/html'),
        pictures: [{ artifact, viewport: 'desktop', width: 1, height: 1, state: 'full' }],
      },
    }
  }

  const things = stack.move()
  return {
    ...{ root, git, api, artifacts, scope, plan, approved },
    build: (approved: Asked['approved'], change: RoundChange = {}, entries: Entries = []) =>
      ask(implementer, { round: 1, branch: 'sluice/s1', approved, config, findings: [], ...change }, entries),
    /** As a reviewer's role asks: its prompt begins so. */
    review: (seat: string, parts: string[]) =>
      agentOf(api, roles.means()).run({
        system: `You are the ${seat} reviewer of a software team.`,
        prompt: [`<request>\n${text}\n</request>`, ...parts].map((part) => ({ type: 'text', text: part })),
        output: Reviewed,
        signal: new AbortController().signal,
      }),
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

const envelope = {
  ...{ specversion: '1.0', id: 'request-00000001', source: 'orchestrator', time: '2026-01-01T00:00:00Z' },
  ...{ datacontenttype: 'application/json', projectId: 'p1', storyId: 's1', causationId: null },
}

function agentOf({ url }: MessagesApi, { run, artifacts }: Pick<AgentOptions, 'run' | 'artifacts'>) {
  const access: ModelAccess = {
    ...{ url, egressUrl: url, token: 'token' },
    reopen: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
  const log = openLog('test', { write: () => undefined })
  return openAgent({ run, access, model: 'claude-opus-5-5', log, artifacts, firstWaitMs: 1 })
}

/** The words the model said in a run, and the calls it made, as people see them. */
export const saidIn = (journal: Entries): string =>
  journal
    .flatMap(({ kind, data }) => {
      const note = data as { type?: string; state?: string; text?: string }
      return kind === 'note' && (note.type === 'text' || note.state === 'started') ? [note.text ?? ''] : []
    })
    .join('\n')

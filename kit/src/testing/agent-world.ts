/** An agent against the scripted Messages API: the real SDK, a journal in memory, artifacts in a directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { AgentTask } from '../agent.ts'
import { type AgentOptions, openAgent } from '../agents/anthropic.ts'
import { type Artifacts, artifactStore } from '../artifacts.ts'
import { openLog } from '../log.ts'
import type { ModelAccess } from '../model-access.ts'
import { type MemoryRun, memoryRun } from './memory-run.ts'
import { type MessagesApi, startMessagesApi } from './messages-api.ts'
import type { ScriptedModel } from './messages-script.ts'

export const Verdict = z.object({ verdict: z.string().min(3) })
export type VerdictTask = AgentTask<typeof Verdict>

export type AgentWorld = AsyncDisposable & {
  api: MessagesApi
  artifacts: Artifacts
  reopened: number
  /** One attempt: by default the first, with an empty journal. */
  attempt(run?: MemoryRun, task?: Partial<VerdictTask>, options?: Partial<AgentOptions>): ReturnType<typeof runTask>
}

export async function agentWorld(model: ScriptedModel): Promise<AgentWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'slc-agent-'))
  const api = await startMessagesApi({ model })
  const artifacts = artifactStore(dir)
  const world: AgentWorld = {
    api,
    artifacts,
    reopened: 0,
    attempt: (run = memoryRun(), task = {}, options = {}) =>
      runTask(
        { run, access: accessTo(world), model: 'claude-opus-5-5', log: openLog('test'), artifacts, ...options },
        task,
      ),
    async [Symbol.asyncDispose]() {
      await api.close()
      await rm(dir, { recursive: true })
    },
  }
  return world
}

const accessTo = (world: AgentWorld): ModelAccess => ({
  url: world.api.url,
  egressUrl: world.api.url,
  get token() {
    return `token-${world.reopened}`
  },
  async reopen() {
    world.reopened++
  },
  async [Symbol.asyncDispose]() {},
})

function runTask(options: AgentOptions, task: Partial<VerdictTask>) {
  return openAgent({ firstWaitMs: 1, ...options }).run({
    system: 'You judge.',
    prompt: [{ type: 'text', text: 'Judge this.' }],
    output: Verdict,
    signal: new AbortController().signal,
    ...task,
  })
}

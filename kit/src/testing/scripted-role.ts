/** A role at work on the real engine: a scripted model, a repository and means of its own, every request it made to be looked at. */
import { openAgent } from '../agents/anthropic.ts'
import type { ModelAccess } from '../model-access.ts'
import type { Means } from '../role.ts'
import { startMessagesApi } from './messages-api.ts'
import { type ScriptedModel, systemText, userText } from './messages-script.ts'
import type { MessagesRequest } from './messages-wire.ts'
import { type TestRepository, testRepository } from './repository.ts'
import { type RoleWorld, roleWorld } from './role-means.ts'

export type ScriptedRole = AsyncDisposable & {
  repo: TestRepository
  artifacts: Means['artifacts']
  dataDir: string
  means: RoleWorld['means']
  /** What the model was sent, oldest first. */
  requests(): MessagesRequest[]
  /** What the first request said, beside its pictures. */
  prompt(): { system: string; text: string }
}

export async function scriptedRole(model: ScriptedModel): Promise<ScriptedRole> {
  await using stack = new AsyncDisposableStack()
  const roles = stack.use(await roleWorld())
  const repo = stack.use(await testRepository())
  const api = stack.use(await startMessagesApi({ model }))
  const access: ModelAccess = {
    ...{ url: api.url, egressUrl: api.url, token: 'token', reopen: async () => undefined },
    [Symbol.asyncDispose]: async () => undefined,
  }
  const requests = () => api.requests.map(({ body }) => body)
  const things = stack.move()
  return {
    ...{ repo, requests, dataDir: roles.dataDir, artifacts: roles.means().artifacts },
    means(parts = {}) {
      const means = roles.means(parts)
      const { run, log, artifacts } = means
      const agent = openAgent({ ...{ run, access, log, artifacts }, model: 'claude-opus-5-5', firstWaitMs: 1 })
      return { ...means, agent }
    },
    prompt() {
      const [first] = requests()
      if (!first) throw new Error('The model was not asked.')
      return { system: systemText(first), text: userText(first) }
    },
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

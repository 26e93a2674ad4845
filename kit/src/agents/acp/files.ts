/** Files as an agent asks its client for them: beneath its worktree and nowhere else, whatever links lie there. */
import { RequestError } from '@agentclientprotocol/sdk'
import { openBeneath } from '../../tools/beneath.ts'

export type AgentFiles = {
  read(path: string, part: { line?: number | null; limit?: number | null }): Promise<string>
  write(path: string, content: string): Promise<void>
}

/** `fence` before every write: it is the host's own hand. */
export async function agentFiles(root: string, fence: () => Promise<void>): Promise<AgentFiles> {
  const files = await openBeneath(root)
  return {
    async read(path, { line, limit }) {
      const text = (await files.read(path).catch(refuse)).toString('utf8')
      if (!line && !limit) return text
      const from = (line ?? 1) - 1
      return text
        .split('\n')
        .slice(from, limit ? from + limit : undefined)
        .join('\n')
    },
    async write(path, content) {
      await fence()
      await files.write(path, content).catch(refuse)
    },
  }
}

function refuse(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error)
  // Which error it is tells an agent whether to make the file.
  const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
  throw absent ? RequestError.resourceNotFound(reason) : RequestError.invalidParams(undefined, reason)
}
